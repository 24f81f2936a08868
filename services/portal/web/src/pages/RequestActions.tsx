import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, type Communities } from "../api/client";
import { conversationQuery } from "../api/names";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { AskFirst } from "../ui/AskFirst";
import { Reasons } from "../ui/Reasons";
import { Failure } from "../ui/states";
import { proposalsQuery, useAnswer } from "./answering";
import { CorrectResponse } from "./RequestCorrect";

/** What somebody who could help says to it. */
export function Helping({ request, open }: { request: string; open: boolean }) {
  const t = useT();
  const { person } = usePerson();
  const own = useQuery(proposalsQuery(request)).data?.items.find((p) => p.person === person);
  const answer = useAnswer(request);
  if (!open) return null;
  if (own?.answer === "can_help" && !answer.isError) return <p className="muted">{t("help.said.can")}</p>;
  return (
    <div className="quietbox helping">
      <p>{own?.answer === "not_available" ? t("help.said.not") : own?.proposed ? t("help.asked") : t("help.unasked")}</p>
      {own?.proposed && <Reasons reasons={own.reasons} you />}
      <div className="buttons">
        <Button className="button primary" isDisabled={answer.isPending} onPress={() => answer.mutate("can_help")}>
          {t("help.can")}
        </Button>
        {own?.answer === "waiting" && (
          <Button className="button" isDisabled={answer.isPending} onPress={() => answer.mutate("not_me")}>
            {t("help.not")}
          </Button>
        )}
      </div>
      {answer.isError && <Failure error={answer.error} undone />}
    </div>
  );
}

export function Respond({ request }: { request: string }) {
  const t = useT();
  const [text, setText, forget] = useDraft(`response.${request}`, "");
  const [tried, setTried] = useState(false);
  const respond = useCommand((body: string, key) =>
    read(community.POST("/requests/{request}/responses", { params: { path: { request }, header: command(key) }, body: { body } })),
  );
  const send = () => {
    setTried(true);
    if (text.trim()) respond.mutate(text.trim(), { onSuccess: () => (forget(), setTried(false)) });
  };
  return (
    <form
      className="respond"
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      <TextInput label={t("respond.text")} hint={t("respond.hint")} lines max={20000} value={text} onChange={setText} wrong={tried && !text.trim() ? t("respond.missing") : undefined} />
      {respond.isError && <Failure error={respond.error} typed />}
      <Button type="submit" className="button primary" isDisabled={respond.isPending}>
        {t("respond.send")}
      </Button>
    </form>
  );
}

/** What the reader may do with a response: accept it, thank for it, take it back. */
export function ToResponse({ response, request }: { response: Communities["Response"]; request: string }) {
  const t = useT();
  const [thanking, setThanking] = useState(false);
  const [correcting, setCorrecting] = useState(false);
  const [note, setNote, forget] = useDraft(`thanks.${response.id}`, "");
  const path = { request, response: response.id };
  const talk = conversationQuery(request).queryKey;
  const accept = useCommand(
    (_: "accept", key) => read(community.POST("/requests/{request}/responses/{response}/accept", { params: { path, header: command(key) } })),
    { name: ["accept", response.id], foresee: (_, see) => see(talk, changed(response.id, "accept", { accepted: true })) },
  );
  const thank = useCommand(
    (said: string, key) =>
      read(community.POST("/requests/{request}/responses/{response}/thank", { params: { path, header: command(key) }, body: said ? { note: said } : {} })),
    {
      name: ["thank", response.id],
      foresee: (said, see) => see(talk, changed(response.id, "thank", { thanks: { at: new Date().toISOString(), ...(said && { note: said }) } })),
    },
  );
  const retract = useCommand((_: "retract", key) =>
    read(community.POST("/requests/{request}/responses/{response}/retract", { params: { path, header: command(key) } })),
  );
  const may = (what: Communities["Response"]["may"][number]) => response.may.includes(what);
  const failed = accept.error ?? thank.error;
  if (correcting) return <CorrectResponse response={response} request={request} close={() => setCorrecting(false)} />;
  return (
    <>
      {thanking && may("thank") ? (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            thank.mutate(note.trim(), { onSuccess: forget });
          }}
        >
          <TextInput label={t("thank.note")} hint={t("thank.hint")} value={note} onChange={setNote} max={1000} />
          <div className="buttons">
            <Button type="submit" className="button primary" isDisabled={thank.isPending}>
              {t("thank.send")}
            </Button>
            <Button className="button quiet" onPress={() => setThanking(false)}>
              {t("do.cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="buttons">
          {may("accept") && (
            <Button className="button primary" isDisabled={accept.isPending} onPress={() => accept.mutate("accept")}>
              {t("response.accept")}
            </Button>
          )}
          {may("thank") && (
            <Button className="button" onPress={() => setThanking(true)}>
              {t("thank.do")}
            </Button>
          )}
          {may("correct") && (
            <Button className="button quiet" onPress={() => setCorrecting(true)}>
              {t("correct.do")}
            </Button>
          )}
          {may("retract") && (
            <AskFirst label={t("response.retract")} words={t("response.retract.words")} sure={t("do.sure")} busy={retract.isPending} error={retract.error} onSure={() => retract.mutate("retract")} />
          )}
        </div>
      )}
      {failed && <Failure error={failed} typed={thanking} undone />}
    </>
  );
}

/** A conversation in which something has been done with a response, and cannot be done again. */
function changed(id: string, done: Communities["Response"]["may"][number], by: Partial<Communities["Response"]>) {
  return (talk: Communities["Conversation"]) => ({
    ...talk,
    responses: talk.responses.map((r) => (r.id === id ? { ...r, ...by, may: r.may.filter((m) => m !== done) } : r)),
  });
}

const ends = ["resolve", "unresolved", "withdraw", "reopen"] as const;
type End = (typeof ends)[number] | "retract";

/** How the asker ends a request, or opens it again. */
export function Closing({ talk: { request, may } }: { talk: Communities["Conversation"] }) {
  const t = useT();
  const [ending, setEnding] = useState<End>();
  const [reason, setReason, forget] = useDraft(`end.${request.id}`, "");
  const [tried, setTried] = useState(false);
  const end = useCommand((input: { how: End; reason: string }, key) => {
    const params = { path: { request: request.id }, header: command(key) };
    const because = { reason: input.reason };
    switch (input.how) {
      case "retract":
        return read(community.POST("/requests/{request}/retract", { params }));
      case "resolve":
        return read(community.POST("/requests/{request}/resolve", { params }));
      case "unresolved":
        return read(community.POST("/requests/{request}/unresolved", { params, body: because }));
      case "withdraw":
        return read(community.POST("/requests/{request}/withdraw", { params, body: input.reason ? because : {} }));
      case "reopen":
        return read(community.POST("/requests/{request}/reopen", { params, body: because }));
    }
  });
  const possible = ends.filter((e) => may.includes(e));
  if (possible.length === 0 && !may.includes("retract")) return null;
  const needed = ending === "unresolved" || ending === "reopen";
  const send = (how: End) => {
    setTried(true);
    if (needed && !reason.trim()) return;
    end.mutate({ how, reason: reason.trim() }, { onSuccess: () => (setEnding(undefined), forget(), setTried(false)) });
  };
  return (
    <div className="closing">
      {ending ? (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            send(ending);
          }}
        >
          <TextInput label={needed ? t("end.reason") : t("end.reason.optional")} value={reason} onChange={setReason} max={2000} wrong={tried && needed && !reason.trim() ? t("end.reason.missing") : undefined} />
          <div className="buttons">
            <Button type="submit" className="button primary" isDisabled={end.isPending}>
              {t(`end.${ending}`)}
            </Button>
            <Button className="button quiet" onPress={() => setEnding(undefined)}>
              {t("do.cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="buttons">
          {possible.map((how) => (
            <Button key={how} className="button" isDisabled={end.isPending} onPress={() => (how === "resolve" ? end.mutate({ how, reason: "" }) : setEnding(how))}>
              {t(`end.${how}`)}
            </Button>
          ))}
          {may.includes("retract") && (
            <AskFirst label={t("end.retract")} words={t("end.retract.words")} sure={t("do.sure")} busy={end.isPending} error={end.variables?.how === "retract" && end.error} onSure={() => send("retract")} />
          )}
        </div>
      )}
      {end.isError && end.variables?.how !== "retract" && <Failure error={end.error} typed />}
    </div>
  );
}
