import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, type Communities } from "../api/client";
import { Problem } from "../api/problem";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";
import { CharterDiff } from "./CharterDiff";
import { bodyOf, draftOf, wrongStakeholder } from "./charters";

interface Props {
  charter: Communities["Charter"];
  /** An earlier version whose text is written again. */
  from?: Communities["Charter"] | undefined;
  close: () => void;
}

/** A new version of the charter. Whoever wrote one meanwhile is not overwritten. */
export function CharterForm({ charter, from, close }: Props) {
  const t = useT();
  const id = charter.community;
  const client = useQueryClient();
  const note = from ? t("charter.again.note", { version: from.version }) : "";
  const [text, keep, forget] = useDraft(from ? `charter.text.${id}.${from.version}` : `charter.text.${id}`, { made: charter.version, ...draftOf(from ?? charter), note });
  const [tried, setTried] = useState(false);
  const revise = useCommand((next: typeof text, key) =>
    read(community.PUT("/communities/{community}/charter", { params: { path: { community: id }, header: { ...command(key), "If-Match": `"${next.made}"` } }, body: bodyOf(next) })),
  );
  const set = (change: Partial<typeof text>) => keep({ ...text, ...change });
  const stale = revise.error instanceof Problem && revise.error.code === "stale";
  const wrong = wrongStakeholder(text.stakeholders);
  const save = () => {
    setTried(true);
    if (!text.purpose.trim() || wrong) return;
    revise.mutate(text, { onSuccess: () => (forget(), close()), onError: () => void client.invalidateQueries({ queryKey: ["charter", id] }) });
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <TextInput autoFocus label={t("charter.field.purpose")} lines value={text.purpose} onChange={(purpose) => set({ purpose })} max={2000} wrong={tried && !text.purpose.trim() ? t("found.purpose.missing") : undefined} />
      <TextInput label={t("charter.field.vision")} lines value={text.vision} onChange={(vision) => set({ vision })} max={2000} />
      <TextInput label={t("charter.field.objectives")} hint={t("charter.lines")} lines value={text.objectives} onChange={(objectives) => set({ objectives })} />
      <TextInput label={t("charter.field.norms")} hint={t("charter.lines")} lines value={text.norms} onChange={(norms) => set({ norms })} />
      <TextInput label={t("charter.field.stakeholders")} hint={t("charter.stakeholders.hint")} lines value={text.stakeholders} onChange={(stakeholders) => set({ stakeholders })} wrong={tried && wrong ? t("charter.stakeholders.wrong", { line: wrong }) : undefined} />
      <TextInput label={t("charter.note")} value={text.note} onChange={(n) => set({ note: n })} max={2000} />
      {stale && charter.version > text.made ? (
        <section className="standing" role="alert">
          <h2>{t("charter.stale.title", { version: charter.version })}</h2>
          <p>{t("charter.stale")}</p>
          <CharterDiff community={id} from={text.made} to={charter.version} />
          <Button className="button" onPress={() => (set({ made: charter.version }), revise.reset())}>
            {t("charter.stale.go_on", { version: charter.version })}
          </Button>
        </section>
      ) : (
        revise.isError && <Failure error={revise.error} typed />
      )}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={revise.isPending || stale}>
          {t("profile.save")}
        </Button>
        <Button className="button quiet" onPress={() => (forget(), close())}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
