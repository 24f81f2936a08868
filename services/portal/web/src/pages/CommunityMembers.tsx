import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import type { Membership } from "../api/client";
import type { Rows } from "../api/lists";
import { useT } from "../i18n";
import { LongList } from "../ui/LongList";
import { Face, UnitName } from "../ui/people";

type Member = Membership["Member"];

export const memberId = (m: Member) => m.person;

interface Props {
  rows: Rows<Member>;
  /** For those who may change what somebody is here. */
  change?: (member: Member) => void;
}

/** Members by role, never by rank: each role has its name above its first member. */
export function MemberRows({ rows, change }: Props) {
  const t = useT();
  return (
    <LongList rows={rows} className="people" height={64}>
      {(m, before) => (
        <>
          {before?.role !== m.role && <h3 className="day">{t(`role.${m.role}`)}</h3>}
          <Face name={m.name} />
          <span className="line">
            <Link className="row-title" to={`/people/${m.person}`}>
              {m.name ?? t("person.former")}
            </Link>
            <span className="small muted unit">
              <UnitName id={m.unit} />
            </span>
          </span>
          {change && (
            <Button className="button quiet" aria-label={t("member.change.of", { name: m.name ?? t("person.former") })} onPress={() => change(m)}>
              {t("member.change")}
            </Button>
          )}
        </>
      )}
    </LongList>
  );
}
