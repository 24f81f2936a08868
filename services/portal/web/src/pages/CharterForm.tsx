import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, type Communities } from "../api/client";
import { isStale } from "../api/problem";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";

const lines = (text: string) => text.split("\n").map((l) => l.trim()).filter(Boolean);

/** A new version of the charter. Whoever wrote one meanwhile is not overwritten. */
export function CharterForm({ charter, close }: { charter: Communities["Charter"]; close: () => void }) {
  const t = useT();
  const [text, keep, forget] = useDraft(`charter.${charter.community}`, {
    version: charter.version, // what it is made from
    purpose: charter.purpose ?? "",
    vision: charter.vision ?? "",
    objectives: charter.objectives.join("\n"),
    norms: charter.norms.join("\n"),
    note: "",
  });
  const [tried, setTried] = useState(false);
  const revise = useCommand((next: typeof text, key) =>
    read(
      community.PUT("/communities/{community}/charter", {
        params: { path: { community: charter.community }, header: { ...command(key), "If-Match": `"${next.version}"` } },
        body: {
          purpose: next.purpose.trim(),
          vision: next.vision.trim(),
          objectives: lines(next.objectives),
          norms: lines(next.norms),
          stakeholders: charter.stakeholders,
          note: next.note.trim(),
        },
      }),
    ),
  );
  const set = (change: Partial<typeof text>) => keep({ ...text, ...change });
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        // Who was told that there is a newer version means to replace it.
        const version = isStale(revise.error) ? charter.version : text.version;
        if (text.purpose.trim()) revise.mutate({ ...text, version }, { onSuccess: () => (forget(), close()) });
      }}
    >
      <TextInput label={t("charter.field.purpose")} lines value={text.purpose} onChange={(purpose) => set({ purpose })} max={2000} wrong={tried && !text.purpose.trim() ? t("found.purpose.missing") : undefined} />
      <TextInput label={t("charter.field.vision")} lines value={text.vision} onChange={(vision) => set({ vision })} max={2000} />
      <TextInput label={t("charter.field.objectives")} hint={t("charter.lines")} lines value={text.objectives} onChange={(objectives) => set({ objectives })} />
      <TextInput label={t("charter.field.norms")} hint={t("charter.lines")} lines value={text.norms} onChange={(norms) => set({ norms })} />
      <TextInput label={t("charter.note")} value={text.note} onChange={(note) => set({ note })} max={2000} />
      {revise.isError && <Failure error={revise.error} typed theirs={() => (forget(), close())} />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={revise.isPending}>
          {t("profile.save")}
        </Button>
        <Button className="button quiet" onPress={() => (forget(), close())}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
