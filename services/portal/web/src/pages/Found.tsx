import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useNavigate } from "react-router";
import { community, read, type Communities } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useLanguage, useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { Choice, SelectInput, TextInput } from "../ui/fields";
import { Page } from "../ui/Page";
import { Failure } from "../ui/states";
import { CommunityRow } from "./Communities";

const joinings = ["open", "request", "invitation"] as const;
const visibilities = ["open", "closed"] as const;

interface Draft {
  name: string;
  purpose: string;
  topics: string;
  joining: Communities["Joining"];
  visibility: Communities["Visibility"];
  language: string;
}

export const topicsOf = (text: string) => [...new Set(text.split(",").map((s) => s.trim()).filter(Boolean))];

export function Found() {
  const t = useT();
  const navigate = useNavigate();
  const language = useLanguage().language.slice(0, 2);
  const [draft, keep, forget] = useDraft<Draft>("found", { name: "", purpose: "", topics: "", joining: "open", visibility: "open", language });
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => keep({ ...draft, ...change });
  const settled = useDebounced(draft, 400);
  const similar = useQuery({
    queryKey: ["similar-communities", settled.name, settled.purpose, settled.topics],
    queryFn: () =>
      read(community.GET("/communities/similar", { params: { query: { name: settled.name, purpose: settled.purpose, topics: topicsOf(settled.topics).slice(0, 20) } } })),
    enabled: settled.name.trim().length > 2 || settled.purpose.trim().length > 7,
    placeholderData: (before) => before,
  });
  const near = similar.data?.items.slice(0, 3) ?? [];
  const found = useCommand((d: Draft, key) =>
    read(
      community.POST("/communities", {
        params: { header: command(key) },
        body: { ...d, name: d.name.trim(), purpose: d.purpose.trim(), kind: "community", topics: topicsOf(d.topics).slice(0, 20), shown: near.map((s) => s.community.id) },
      }),
    ),
  );
  const post = () => {
    setTried(true);
    if (!draft.name.trim() || !draft.purpose.trim()) return;
    found.mutate(draft, { onSuccess: forget, here: ({ id }) => void navigate(`/communities/${id}`) });
  };
  return (
    <Page title={t("found.title")} lead={<p className="muted">{t("found.lead")}</p>}>
      <form
        className="column"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          post();
        }}
      >
        <TextInput label={t("found.purpose")} hint={t("found.purpose.hint")} lines value={draft.purpose} onChange={(purpose) => set({ purpose })} max={500} wrong={tried && !draft.purpose.trim() ? t("found.purpose.missing") : undefined} />
        <TextInput label={t("found.name")} value={draft.name} onChange={(name) => set({ name })} max={100} wrong={tried && !draft.name.trim() ? t("found.name.missing") : undefined} />
        <TextInput label={t("found.topics")} hint={t("found.topics.hint")} value={draft.topics} onChange={(topics) => set({ topics })} max={1000} />
        {near.length > 0 && (
          <section className="earlier" aria-live="polite">
            <h2>{t("found.similar")}</h2>
            <ul>
              {near.map((s) => (
                <li key={s.community.id}>
                  <CommunityRow community={s.community} />
                </li>
              ))}
            </ul>
          </section>
        )}
        <Choice label={t("found.joining")} value={draft.joining} onChange={(joining) => set({ joining })} options={joinings.map((j) => ({ value: j, words: t(`found.joining.${j}`) }))} />
        <Choice label={t("found.visibility")} value={draft.visibility} onChange={(visibility) => set({ visibility })} options={visibilities.map((v) => ({ value: v, words: t(`found.visibility.${v}`) }))} />
        <SelectInput label={t("filter.language")} value={draft.language} onChange={(l) => set({ language: l })} options={[{ value: "de", words: t("language.de") }, { value: "en", words: t("language.en") }]} />
        {found.isError && <Failure error={found.error} typed />}
        <Button type="submit" className="button primary" isDisabled={found.isPending}>
          {t("found.do")}
        </Button>
      </form>
    </Page>
  );
}
