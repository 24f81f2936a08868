import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, membership, read } from "../api/client";
import { useEventTypes } from "../api/log";
import { useCommunity, useName, useUnits } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SelectInput } from "../ui/fields";
import { Suggest } from "../ui/Suggest";
import { selectors, type Selection, type Selector } from "./auditing";

interface Props {
  selection: Selection;
  choose: (change: Selection) => void;
  clear: () => void;
}

const contexts = ["membership", "community", "matching", "notification", "audit"] as const;
const rare: readonly Selector[] = ["aggregate", "id", "from", "to", "caused_by"];

/** What to look for in the log. */
export function AuditFilters({ selection, choose, clear }: Props) {
  const t = useT();
  const types = useEventTypes();
  const all = { value: "", words: t("filter.all") };
  const chosen = selectors.filter((s) => selection[s]).length;
  return (
    <section className="selecting" aria-label={t("audit.filter")}>
      <div className="fields">
        <SelectInput label={t("audit.filter.type")} value={selection.type ?? ""} onChange={(type) => choose({ type })} options={[all, ...types]} />
        <SelectInput label={t("audit.filter.context")} value={selection.context ?? ""} onChange={(context) => choose({ context })} options={[all, ...contexts.map((c) => ({ value: c, words: t(`service.${c}`) }))]} />
        <Day label={t("audit.filter.since")} value={selection.since} onChange={(since) => choose({ since })} />
        <Day label={t("audit.filter.until")} value={selection.until} onChange={(until) => choose({ until })} />
        <Who chosen={selection.actor} choose={(actor) => choose({ actor })} />
        <Where chosen={selection.community} choose={(community) => choose({ community })} />
      </div>
      <details open={rare.some((s) => selection[s])}>
        <summary>{t("audit.filter.more")}</summary>
        <div className="fields">
          {rare.map((s) => (
            <Plain key={s + (selection[s] ?? "")} label={t(`audit.filter.${s}`)} value={selection[s] ?? ""} onChange={(value) => choose({ [s]: value })} />
          ))}
        </div>
      </details>
      {chosen > 0 && (
        <Button className="button quiet" onPress={clear}>
          {t("audit.filter.clear", { count: chosen })}
        </Button>
      )}
    </section>
  );
}

function Day({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="date" value={value ?? ""} onChange={(e) => onChange(e.target.value)} />
    </div>
  );
}

/** What only those look for who know it exactly; taken when it is left. */
function Plain({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const take = () => typed.trim() !== value && onChange(typed.trim());
  return (
    <form
      className="field"
      onSubmit={(e) => {
        e.preventDefault();
        take();
      }}
    >
      <label htmlFor={id}>{label}</label>
      <input id={id} type="text" value={typed} onChange={(e) => setTyped(e.target.value)} onBlur={take} maxLength={64} autoComplete="off" />
    </form>
  );
}

function Who({ chosen, choose }: { chosen: string | undefined; choose: (id: string) => void }) {
  const t = useT();
  const [text, setText] = useState("");
  const settled = useDebounced(text.trim(), 250);
  const units = useUnits();
  const reactor = chosen?.includes(":");
  const name = useName(reactor ? undefined : chosen)?.name;
  const { data } = useQuery({
    queryKey: ["people", "suggested", settled],
    queryFn: () => read(membership.GET("/people", { params: { query: { query: settled, limit: 10 } } })),
    enabled: settled.length > 1,
    placeholderData: (before) => before,
  });
  const found = data?.items.map((p) => ({ id: p.id, name: p.name, about: units.get(p.unit ?? "")?.name })) ?? [];
  return <Suggest label={t("audit.filter.actor")} chosen={name ?? chosen ?? ""} found={found} onSearch={setText} onChoose={choose} />;
}

function Where({ chosen, choose }: { chosen: string | undefined; choose: (id: string) => void }) {
  const t = useT();
  const [text, setText] = useState("");
  const settled = useDebounced(text.trim(), 250);
  const name = useCommunity(chosen)?.name;
  const { data } = useQuery({
    queryKey: ["communities", "suggested", settled],
    queryFn: () => read(community.GET("/communities", { params: { query: { ...(settled && { query: settled }), limit: 20 } } })),
    placeholderData: (before) => before,
  });
  const found = data?.items.map((c) => ({ id: c.id, name: c.name })) ?? [];
  return <Suggest label={t("audit.filter.community")} chosen={name ?? chosen ?? ""} found={found} onSearch={setText} onChoose={choose} />;
}
