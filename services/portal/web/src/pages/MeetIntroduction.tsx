import { Button } from "react-aria-components/Button";
import { useName } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { MeetingReasons } from "../ui/MeetingReasons";
import { pending } from "../ui/now";
import { Name, UnitOf } from "../ui/people";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";
import { useMet, type Introduction } from "./meeting";

/** Somebody of another unit to get to know, and what the reader says about it. */
export function MeetIntroduction({ introduction: i }: { introduction: Introduction }) {
  const t = useT();
  const { person: me } = usePerson();
  const met = useMet(i.id);
  const name = useName(i.person)?.name ?? pending;
  return (
    <>
      <h3>{i.former ? t("person.former") : t("intro.who", { name })}</h3>
      <div className="meta">
        {!i.former && <Name id={i.person} />}
        {!i.former && <UnitOf person={i.person} />}
        <Time at={i.at} />
        {i.answer && <span>{t(`intro.said.${i.answer}`)}</span>}
      </div>
      <MeetingReasons reasons={i.reasons} me={me} />
      {!i.answer && !i.former && (
        <div className="buttons answer">
          <Button className="button" isDisabled={met.isPending} onPress={() => met.mutate("met")}>
            {t("intro.met")}
          </Button>
          <Button className="button quiet" isDisabled={met.isPending} onPress={() => met.mutate("not_this_time")}>
            {t("intro.not")}
          </Button>
        </div>
      )}
      {met.isError && <Failure error={met.error} />}
    </>
  );
}
