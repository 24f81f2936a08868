import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link, useNavigate, useParams } from "react-router";
import { read, system, type System } from "../api/client";
import { useWords } from "../api/log";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { useFocusWhen } from "../ui/focus";
import { Page } from "../ui/Page";
import { Failure, Shown } from "../ui/states";
import { Exact } from "./AuditParts";
import { useServiceOf } from "./processes";

type Letter = System["DeadLetter"];

export function SystemLetter() {
  const t = useT();
  const { reactor = "", seq = "" } = useParams();
  const letter = `${reactor}.${seq}`; // a path with a dot is a file
  const query = useQuery({ queryKey: ["system", "letter", letter], queryFn: () => read(system.GET("/deadletters/{letter}", { params: { path: { letter } } })) });
  return (
    <Page title={t("system.letter")} over={<Link to="/system">{t("place.system")}</Link>}>
      <div className="column">
        <Shown query={query}>{(l) => <Open letter={l} />}</Shown>
      </div>
    </Page>
  );
}

function Open({ letter: l }: { letter: Letter }) {
  const t = useT();
  const words = useWords();
  const navigate = useNavigate();
  const service = useServiceOf(l.reactor);
  const [giving, setGiving] = useState(false);
  const give = useFocusWhen<HTMLButtonElement>(!giving);
  const to = { path: { letter: l.id }, query: { ...(service && { service }) } };
  const replay = useCommand((_: string, key) => read(system.POST("/deadletters/{letter}/replay", { params: { ...to, header: command(key) } })));
  const client = useQueryClient();
  const again = () => void client.invalidateQueries({ queryKey: ["system", "letter", l.id] });
  const settled = () => void navigate("/system");
  return (
    <>
      <p className="lead">{t("system.letter.title", { reactor: l.reactor, event: words("event", l.type) })}</p>
      <dl className="facts letter">
        <dt>{t("system.letter.reason")}</dt>
        <dd lang="en">{l.reason}</dd>
        <dt>{t("system.letter.time")}</dt>
        <dd>
          <Exact at={l.time} />
        </dd>
        <dt>{t("system.letter.tried")}</dt>
        <dd>{t("system.letter.attempts", { count: l.attempts })}</dd>
        <dt>{t("system.letter.event")}</dt>
        <dd>
          <code>{l.seq}</code> <code>{l.type}</code>
        </dd>
        <dt>{t("system.letter.subject")}</dt>
        <dd>
          <code>{l.subject}</code>
        </dd>
      </dl>
      <div className="buttons">
        <Button className="button primary" isDisabled={replay.isPending} onPress={() => replay.mutate(l.id, { onSuccess: settled, onError: again })}>
          {t("system.letter.replay")}
        </Button>
        {!giving && (
          <Button ref={give} className="button quiet" onPress={() => setGiving(true)}>
            {t("system.letter.discard")}
          </Button>
        )}
      </div>
      <p className="muted small">{t("system.letter.replay.words")}</p>
      {replay.isError && <Failure error={replay.error} />}
      {giving && <Discard to={to} cancel={() => setGiving(false)} done={settled} />}
    </>
  );
}

interface DiscardProps {
  to: { path: { letter: string }; query: { service?: string } };
  cancel: () => void;
  done: () => void;
}

function Discard({ to, cancel, done }: DiscardProps) {
  const t = useT();
  const form = useRef<HTMLFormElement>(null);
  const [reason, keep, forget] = useDraft(`discard.${to.path.letter}`, "");
  const [tried, setTried] = useState(false);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const discard = useCommand((why: string, key) =>
    read(system.POST("/deadletters/{letter}/discard", { params: { ...to, header: command(key) }, body: { reason: why } })),
  );
  return (
    <form
      ref={form}
      className="quietbox discard"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (!reason.trim()) return;
        discard.mutate(reason.trim(), {
          onSuccess: () => {
            forget();
            done();
          },
        });
      }}
    >
      <p>{t("system.letter.discard.words")}</p>
      <TextInput label={t("system.letter.discard.reason")} hint={t("system.letter.discard.hint")} lines value={reason} onChange={keep} max={200} wrong={tried && !reason.trim() ? t("system.letter.discard.missing") : undefined} />
      {discard.isError && <Failure error={discard.error} typed />}
      <div className="buttons">
        <Button type="submit" className="button" isDisabled={discard.isPending}>
          {t("system.letter.discard.yes")}
        </Button>
        <Button className="button quiet" onPress={cancel}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
