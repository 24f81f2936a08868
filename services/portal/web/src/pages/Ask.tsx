import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useNavigate, useSearchParams } from "react-router";
import { community, matching, read } from "../api/client";
import { useCommunity, useMe } from "../api/names";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { Choice, SelectInput, TextInput } from "../ui/fields";
import { Name, UnitOf } from "../ui/people";
import { Page } from "../ui/Page";
import { Reasons } from "../ui/Reasons";
import { Failure } from "../ui/states";
import { Earlier, Opened } from "./AskEarlier";
import { emptyDraft, headline, kinds, ownField, toRequest, type Draft, type Kind } from "./asking";

export function Ask() {
  const t = useT();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [kept, keep, forget] = useDraft<Draft>("ask", { ...emptyDraft, community: params.get("community") ?? "" });
  const [open, setOpen] = useState<string>();
  const [tried, setTried] = useState(false);
  const draft = params.get("community") && !kept.text ? { ...kept, community: params.get("community") ?? "" } : kept;
  const set = (change: Partial<Draft>) => keep({ ...draft, ...change });
  const ask = useCommand((d: Draft & { kind: Kind }, key) =>
    read(community.POST("/requests", { params: { header: command(key) }, body: toRequest(d) })),
  );
  const missing = {
    text: draft.text.trim() ? undefined : t("ask.text.missing"),
    kind: draft.kind ? undefined : t("ask.kind.missing"),
    own: draft.kind && !draft.own.trim() ? t(`ask.${ownField[draft.kind]}.missing`) : undefined,
  };
  const post = () => {
    setTried(true);
    const { kind } = draft;
    if (!kind || missing.text || missing.own) return;
    ask.mutate({ ...draft, kind }, {
      onSuccess: forget,
      here: ({ id }) => void navigate(`/requests/${id}`),
    });
  };
  return (
    <Page title={t("ask.title")}>
      <div className="with-margin">
        <form
          onSubmit={(e) => {
            e.preventDefault();
            post();
          }}
          noValidate
        >
          <TextInput label={t("ask.text")} hint={t("ask.text.hint")} lines large max={9000} value={draft.text} onChange={(text) => set({ text })} wrong={tried ? missing.text : undefined} />
          <Earlier text={draft.text} open={open} onOpen={setOpen} />
          <Choice
            label={t("ask.kind")}
            value={draft.kind}
            onChange={(kind) => set({ kind })}
            options={kinds.map((k) => ({ value: k, words: t(`kind.${k}.ask`) }))}
            wrong={tried ? missing.kind : undefined}
          />
          {draft.kind && (
            <TextInput
              label={t(`ask.${ownField[draft.kind]}`)}
              hint={t(`ask.${ownField[draft.kind]}.hint`)}
              lines
              max={9000}
              value={draft.own}
              onChange={(own) => set({ own })}
              wrong={tried ? missing.own : undefined}
            />
          )}
          <Where draft={draft} set={set} />
          {ask.isError && <Failure error={ask.error} typed />}
          <div className="buttons">
            <Button type="submit" className="button primary" isDisabled={ask.isPending}>
              {t("ask.send")}
            </Button>
            {draft.text && (
              <Button className="button quiet" onPress={forget}>
                {t("ask.forget")}
              </Button>
            )}
            <span className="small muted">{draft.text && t("ask.draft")}</span>
          </div>
          <Helpers draft={draft} />
        </form>
        <aside className="margin">{open ? <Opened id={open} close={() => setOpen(undefined)} /> : <p className="muted">{t("ask.aside")}</p>}</aside>
      </div>
    </Page>
  );
}

function Where({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  const t = useT();
  const mine = useMe().data?.communities ?? [];
  const chosen = useCommunity(draft.community);
  const options = [{ value: "", words: t("ask.everyone") }, ...mine.map((c) => ({ value: c.community, words: c.name }))];
  if (chosen && !mine.some((c) => c.community === chosen.id)) options.push({ value: chosen.id, words: chosen.name });
  return (
    <>
      <SelectInput label={t("ask.where")} hint={chosen ? chosen.purpose : t("ask.everyone.hint")} value={draft.community} onChange={(id) => set({ community: id })} options={options} />
      {chosen?.visibility === "closed" && (
        <Choice
          label={t("ask.beyond")}
          value={draft.beyond ? "yes" : "no"}
          onChange={(v) => set({ beyond: v === "yes" })}
          options={[
            { value: "no", words: t("ask.beyond.no") },
            { value: "yes", words: t("ask.beyond.yes") },
          ]}
        />
      )}
    </>
  );
}

/** Who would be asked, and why. It comes after the button, which stays where it is when names come. */
function Helpers({ draft }: { draft: Draft }) {
  const t = useT();
  const settled = useDebounced(draft, 600);
  const { title, body } = headline(settled.text);
  const asked = {
    kind: settled.kind || "problem",
    title,
    body: [body, settled.own].filter(Boolean).join("\n"),
    ...(settled.community && { community: settled.community }),
    beyond: Boolean(settled.community) && settled.beyond,
  } as const;
  const { data } = useQuery({
    queryKey: ["preview", asked],
    queryFn: () => read(matching.POST("/preview", { body: asked })),
    enabled: Boolean(settled.kind) && title.length > 7,
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  if (!data || !settled.kind) return null;
  return (
    <section className="field" aria-live="polite" aria-labelledby="ask-helpers">
      <h2 id="ask-helpers">{t("ask.helpers")}</h2>
      {data.items.length === 0 ? (
        <p className="muted">{t("ask.helpers.none")}</p>
      ) : (
        <ul className="rows">
          {data.items.slice(0, 5).map((h) => (
            <li key={h.person}>
              <div className="meta">
                <Name id={h.person} />
                <UnitOf person={h.person} />
              </div>
              <Reasons reasons={h.reasons} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
