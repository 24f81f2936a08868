import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, type Communities } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { Choice, SearchInput, TextInput } from "../ui/fields";
import { Failure } from "../ui/states";

export interface Target {
  id: string;
  name: string;
}

interface Draft {
  other?: Target;
  kind: Communities["LinkKind"] | "";
  origin: "here" | "there" | "";
  reason: string;
}

const kinds = ["sister", "bridge", "joint_activity", "spawned"] as const;
const none: Draft = { kind: "", origin: "", reason: "" };

/** The hosts of another community are asked for a link, with the reason that they read. */
export function ProposeLink({ from, to, close }: { from: Communities["Community"]; to?: Target | undefined; close: () => void }) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const [draft, keep, forget] = useDraft<Draft>(`link.${from.id}.${to?.id ?? ""}`, none);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => keep({ ...draft, ...change });
  const propose = useCommand((body: Communities["NewLink"], key) => read(community.POST("/communities/{community}/links", { params: { path: { community: from.id }, header: command(key) }, body })));
  const other = to ?? draft.other;
  const { kind, origin, reason } = draft;
  const send = () => {
    setTried(true);
    if (!other || !kind || !reason.trim() || (kind === "spawned" && !origin)) return;
    const body = { other: other.id, kind, reason: reason.trim(), ...(kind === "spawned" && { origin: origin === "here" ? from.id : other.id }) };
    propose.mutate(body, { onSuccess: () => (forget(), close()) });
  };
  return (
    <form
      className="section"
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {t("links.propose")}
      </h2>
      <p className="muted">{t("links.propose.words")}</p>
      {other ? (
        <p className="says">
          <strong>{other.name}</strong>
          {!to && (
            <Button className="button quiet" onPress={() => keep({ kind, origin, reason })}>
              {t("links.propose.another")}
            </Button>
          )}
        </p>
      ) : (
        <FindCommunity not={from.id} choose={(c) => set({ other: c })} wrong={tried ? t("links.propose.missing") : undefined} />
      )}
      <Choice label={t("links.kind")} value={kind} onChange={(k) => set({ kind: k })} options={kinds.map((k) => ({ value: k, words: t(`link.${k}.kind`) }))} wrong={tried && !kind ? t("links.kind.missing") : undefined} />
      {kind === "spawned" && other && (
        <Choice
          label={t("links.origin")}
          value={origin}
          onChange={(o) => set({ origin: o })}
          options={[
            { value: "here", words: t("links.origin.of", { young: other.name, old: from.name }) },
            { value: "there", words: t("links.origin.of", { young: from.name, old: other.name }) },
          ]}
          wrong={tried && !origin ? t("links.origin.missing") : undefined}
        />
      )}
      <TextInput label={t("links.propose.reason")} lines value={reason} onChange={(r) => set({ reason: r })} max={2000} wrong={tried && !reason.trim() ? t("link.why.missing") : undefined} />
      {propose.isError && <Failure error={propose.error} typed />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={propose.isPending}>
          {t("links.propose.do")}
        </Button>
        <Button className="button quiet" onPress={() => (forget(), close())}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}

function FindCommunity({ not, choose, wrong }: { not: string; choose: (c: Target) => void; wrong: string | undefined }) {
  const t = useT();
  const [text, setText] = useState("");
  const settled = useDebounced(text.trim(), 200);
  const { data } = useQuery({
    queryKey: ["communities", "find", settled],
    queryFn: () => read(community.GET("/communities", { params: { query: { query: settled, limit: 8 } } })),
    enabled: settled.length > 1,
    placeholderData: (before) => before,
  });
  const found = text.trim().length > 1 ? (data?.items ?? []).filter((c) => c.id !== not && c.state !== "closed") : [];
  return (
    <div className="field find">
      <SearchInput label={t("links.propose.search")} value={text} onChange={setText} />
      {wrong && <span className="wrong" role="alert">{wrong}</span>}
      <ul className="found">
        {found.map((c) => (
          <li key={c.id}>
            <Button className="button quiet" onPress={() => choose({ id: c.id, name: c.name })}>
              <strong>{c.name}</strong>
              <span className="small">{c.purpose}</span>
            </Button>
          </li>
        ))}
      </ul>
      {settled.length > 1 && data && found.length === 0 && text.trim() === settled && <p className="muted small">{t("links.propose.nothing")}</p>}
    </div>
  );
}
