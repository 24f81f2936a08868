import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { useCommunity, useName } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { MeetingReasons } from "../ui/MeetingReasons";
import { pending } from "../ui/now";
import { Name, UnitOf } from "../ui/people";
import { Failure } from "../ui/states";
import { AskFirst } from "../ui/AskFirst";
import { useBuddyAnswer, useBuddyEnd, useChoice, type Buddy } from "./meeting";

/** A buddy for the reader's own start, or a newcomer who wishes them as one. */
export function MeetBuddy({ buddy }: { buddy: Buddy }) {
  const { person } = usePerson();
  return buddy.newcomer === person ? <AsNewcomer buddy={buddy} /> : <AsBuddy buddy={buddy} />;
}

function AsNewcomer({ buddy }: { buddy: Buddy }) {
  const t = useT();
  const { person: me } = usePerson();
  const choose = useChoice(buddy.id);
  const name = useName(buddy.buddy)?.name ?? pending;
  const rest = buddy.suggested?.filter((s) => s.available && s.person !== buddy.buddy) ?? [];
  return (
    <>
      <Where buddy={buddy} words={buddy.state === "suggested" ? t("buddy.choose") : buddy.state === "chosen" ? t("buddy.chosen", { name }) : t("buddy.agreed", { name })} />
      {buddy.state !== "agreed" && rest.length > 0 && (
        <ul className="suggested">
          {rest.map((s) => (
            <li key={s.person}>
              <div className="meta">
                <Name id={s.person} />
                <UnitOf person={s.person} />
              </div>
              <MeetingReasons reasons={s.reasons} me={me} />
              <Chosen id={s.person} disabled={choose.isPending} choose={choose.mutate} />
            </li>
          ))}
        </ul>
      )}
      {buddy.state === "suggested" && rest.length === 0 && <p className="muted">{t("buddy.nobody")}</p>}
      {buddy.state === "agreed" ? (
        <End buddy={buddy} />
      ) : (
        <Button className="button quiet" isDisabled={choose.isPending} onPress={() => choose.mutate(null)}>
          {t("buddy.waive")}
        </Button>
      )}
      {choose.isError && <Failure error={choose.error} />}
    </>
  );
}

function Chosen({ id, disabled, choose }: { id: string; disabled: boolean; choose: (id: string) => void }) {
  const t = useT();
  const name = useName(id)?.name ?? pending;
  return (
    <Button className="button" isDisabled={disabled} onPress={() => choose(id)}>
      {t("buddy.take", { name })}
    </Button>
  );
}

function AsBuddy({ buddy }: { buddy: Buddy }) {
  const t = useT();
  const { person: me } = usePerson();
  const answer = useBuddyAnswer(buddy.id);
  const name = useName(buddy.newcomer)?.name ?? pending;
  return (
    <>
      <Where buddy={buddy} words={buddy.state === "agreed" ? t("buddy.of", { name }) : t("buddy.wished", { name })} />
      <div className="meta">
        <Name id={buddy.newcomer} />
        <UnitOf person={buddy.newcomer} />
      </div>
      <MeetingReasons reasons={buddy.reasons} me={me} />
      {buddy.state === "agreed" ? (
        <End buddy={buddy} />
      ) : (
        <div className="buttons answer">
          <Button className="button" isDisabled={answer.isPending} onPress={() => answer.mutate("agree")}>
            {t("buddy.agree")}
          </Button>
          <Button className="button quiet" isDisabled={answer.isPending} onPress={() => answer.mutate("decline")}>
            {t("buddy.decline")}
          </Button>
        </div>
      )}
      {answer.isError && <Failure error={answer.error} />}
    </>
  );
}

function Where({ buddy, words }: { buddy: Buddy; words: string }) {
  const community = useCommunity(buddy.community);
  return (
    <>
      <h3>{words}</h3>
      {community && (
        <div className="meta">
          <Link to={`/communities/${buddy.community}`}>{community.name}</Link>
        </div>
      )}
    </>
  );
}

function End({ buddy }: { buddy: Buddy }) {
  const t = useT();
  const end = useBuddyEnd(buddy.id);
  return (
    <AskFirst label={t("buddy.end")} words={t("buddy.end.words")} sure={t("buddy.end.sure")} busy={end.isPending} error={end.error} onSure={() => end.mutate("end")} />
  );
}
