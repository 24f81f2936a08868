import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, readTagged, type Communities } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";
import { ownField } from "./asking";

/** The asker corrects their texts. Where somebody was faster, that is said and nothing is lost. */
export function CorrectRequest({ talk, close }: { talk: Communities["Conversation"]; close: () => void }) {
  const t = useT();
  const { id, kind, title = "" } = talk.request;
  const own = ownField[kind];
  const [text, keep, forget] = useDraft(`correct.${id}`, { title, body: talk.body ?? "", own: talk[own] ?? "" });
  const [tried, setTried] = useState(false);
  const correct = useCommand(async (next: typeof text, key) => {
    const path = { request: id };
    const { etag } = await readTagged(community.GET("/requests/{request}", { params: { path } }));
    return read(
      community.PUT("/requests/{request}", {
        params: { path, header: { ...command(key), "If-Match": etag } },
        body: { title: next.title.trim(), body: next.body.trim(), [own]: next.own.trim(), tags: talk.request.tags },
      }),
    );
  });
  const save = () => {
    setTried(true);
    if (text.title.trim() && text.own.trim()) correct.mutate(text, { onSuccess: () => (forget(), close()) });
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <TextInput label={t("correct.title")} value={text.title} onChange={(v) => keep({ ...text, title: v })} max={200} wrong={tried && !text.title.trim() ? t("ask.text.missing") : undefined} />
      <TextInput label={t("correct.body")} lines value={text.body} onChange={(v) => keep({ ...text, body: v })} max={10000} />
      <TextInput label={t(`request.${own}`)} lines value={text.own} onChange={(v) => keep({ ...text, own: v })} max={10000} wrong={tried && !text.own.trim() ? t(`ask.${own}.missing`) : undefined} />
      <Saving failed={correct.error} busy={correct.isPending} cancel={() => (forget(), close())} />
    </form>
  );
}

/** The author corrects a response. */
export function CorrectResponse({ response, request, close }: { response: Communities["Response"]; request: string; close: () => void }) {
  const t = useT();
  const [text, keep, forget] = useDraft(`correct.${response.id}`, response.body ?? "");
  const correct = useCommand((body: string, key) =>
    read(
      community.PUT("/requests/{request}/responses/{response}", {
        params: { path: { request, response: response.id }, header: { ...command(key), "If-Match": response.etag } },
        body: { body },
      }),
    ),
  );
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (text.trim()) correct.mutate(text.trim(), { onSuccess: () => (forget(), close()) });
      }}
    >
      <TextInput label={t("respond.text")} lines value={text} onChange={keep} max={20000} wrong={text.trim() ? undefined : t("respond.missing")} />
      <Saving failed={correct.error} busy={correct.isPending} cancel={() => (forget(), close())} />
    </form>
  );
}

function Saving({ failed, busy, cancel }: { failed: Error | null; busy: boolean; cancel: () => void }) {
  const t = useT();
  return (
    <>
      {failed && <Failure error={failed} typed />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={busy}>
          {t("profile.save")}
        </Button>
        <Button className="button quiet" onPress={cancel}>
          {t("do.cancel")}
        </Button>
      </div>
    </>
  );
}
