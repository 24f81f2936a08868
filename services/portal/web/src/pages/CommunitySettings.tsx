import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, readTagged } from "../api/client";
import { Problem } from "../api/problem";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { Choice, TextInput } from "../ui/fields";
import { Failure, Shown } from "../ui/states";
import { CommunityPage, type Detail } from "./CommunityPage";
import { States } from "./CommunityStates";
import { topicsOf } from "./Found";
import { LanguageInput } from "./LanguageInput";
import { fieldsOf, merge, type Fields, type Merged } from "./settings";
import { Meanwhile } from "./SettingsMeanwhile";

const joinings = ["open", "request", "invitation"] as const;
const visibilities = ["open", "closed"] as const;
const kinds = ["community", "network"] as const;

const settingsQuery = (id: string) => ({
  queryKey: ["community", id, "settings"],
  queryFn: async () => {
    const { data, etag } = await readTagged(community.GET("/communities/{community}", { params: { path: { community: id } } }));
    return { fields: fieldsOf(data.community), etag };
  },
});

/** For hosts: what a community says of itself, how it is joined, and where it stands in its life. */
export function CommunitySettings() {
  const t = useT();
  return (
    <CommunityPage part="settings.title">
      {(detail) =>
        detail.may.includes("change_settings") || detail.may.includes("change_state") ? (
          <div className="column">
            {detail.may.includes("change_settings") && <Loaded key={detail.community.id} detail={detail} />}
            {detail.may.includes("change_state") && <States detail={detail} />}
          </div>
        ) : (
          <p className="empty">{detail.community.state === "closed" ? t("standing.closed") : t("settings.hosts")}</p>
        )
      }
    </CommunityPage>
  );
}

function Loaded({ detail }: { detail: Detail }) {
  const query = useQuery(settingsQuery(detail.community.id));
  return <Shown query={query}>{(now) => <Form id={detail.community.id} now={now} again={() => query.refetch()} />}</Shown>;
}

interface Read {
  fields: Fields;
  etag: string;
}

interface Typed {
  fields: Fields;
  /** What it was typed upon. */
  base: Read;
}

const nothing: Typed | null = null;

function Form({ id, now, again }: { id: string; now: Read; again: () => Promise<{ data?: Read | undefined }> }) {
  const t = useT();
  const [typed, keep, forget] = useDraft<Typed | null>(`settings.${id}`, nothing);
  const [tried, setTried] = useState(false);
  const [saved, setSaved] = useState(false);
  const [meanwhile, setMeanwhile] = useState<Merged & { base: Fields; now: Fields }>();
  const base = typed?.base ?? now;
  const fields = typed?.fields ?? now.fields;
  const set = (change: Partial<Fields>) => {
    setSaved(false);
    keep({ fields: { ...fields, ...change }, base });
  };
  const change = useCommand(({ fields: f, base: b }: Typed, key) =>
    read(
      community.PUT("/communities/{community}/settings", {
        params: { path: { community: id }, header: { ...command(key), "If-Match": b.etag } },
        body: { ...f, name: f.name.trim(), purpose: f.purpose.trim(), topics: topicsOf(f.topics).slice(0, 20) },
      }),
    ),
  );
  // Somebody was faster: what they changed is shown, and nothing typed is lost.
  const stale = async () => {
    const { data } = await again();
    if (!data) return;
    const merged = merge(base.fields, fields, data.fields);
    setMeanwhile({ ...merged, base: base.fields, now: data.fields });
    keep({ fields: merged.fields, base: data });
    change.reset();
  };
  const save = () => {
    setTried(true);
    if (!fields.name.trim() || !fields.purpose.trim()) return;
    change.mutate({ fields, base }, {
      onSuccess: () => (forget(), setTried(false), setMeanwhile(undefined), setSaved(true)),
      onError: (e) => void (e instanceof Problem && e.code === "stale" && stale()),
    });
  };
  return (
    <form
      className="section"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <TextInput label={t("found.name")} value={fields.name} onChange={(name) => set({ name })} max={100} wrong={tried && !fields.name.trim() ? t("found.name.missing") : undefined} />
      <TextInput label={t("found.purpose")} hint={t("found.purpose.hint")} lines value={fields.purpose} onChange={(purpose) => set({ purpose })} max={500} wrong={tried && !fields.purpose.trim() ? t("found.purpose.missing") : undefined} />
      <TextInput label={t("found.topics")} hint={t("found.topics.hint")} value={fields.topics} onChange={(topics) => set({ topics })} max={1000} />
      <Choice label={t("found.joining")} value={fields.joining} onChange={(joining) => set({ joining })} options={joinings.map((j) => ({ value: j, words: t(`found.joining.${j}`) }))} />
      <Choice label={t("found.visibility")} value={fields.visibility} onChange={(visibility) => set({ visibility })} options={visibilities.map((v) => ({ value: v, words: t(`found.visibility.${v}`) }))} />
      {fields.visibility !== base.fields.visibility && <p className="standing">{t(`settings.now.${fields.visibility}`)}</p>}
      <Choice label={t("settings.kind")} value={fields.kind} onChange={(kind) => set({ kind })} options={kinds.map((k) => ({ value: k, words: t(`settings.kind.${k}`) }))} />
      <LanguageInput value={fields.language} onChange={(language) => set({ language })} />
      {meanwhile && <Meanwhile {...meanwhile} take={(n) => (set({ [n]: meanwhile.now[n] }), setMeanwhile({ ...meanwhile, both: meanwhile.both.filter((b) => b !== n) }))} />}
      {change.isError && <Failure error={change.error} typed />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={change.isPending}>
          {t("profile.save")}
        </Button>
        {typed && (
          <Button className="button quiet" onPress={() => (forget(), setMeanwhile(undefined), setTried(false))}>
            {t("ask.forget")}
          </Button>
        )}
        <span role="status" className="small muted">
          {saved && !typed ? t("profile.saved") : ""}
        </span>
      </div>
    </form>
  );
}
