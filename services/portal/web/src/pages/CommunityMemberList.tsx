import { Link } from "react-router";
import { membersList, useList } from "../api/lists";
import { useT } from "../i18n";
import { LongList } from "../ui/LongList";
import { Face, UnitName } from "../ui/people";
import { Shown } from "../ui/states";

/** People by role, never by rank; the first of a role says which it is. */
export function People({ community: id }: { community: string }) {
  const t = useT();
  const { head, rows } = useList(membersList(id));
  return (
    <section className="section">
      <div className="head">
        <h2>{t("community.people")}</h2>
      </div>
      <Shown query={head}>
        {() => (
          <LongList rows={rows} className="people" height={64} classOf={(m) => `role-${m.role}`}>
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
              </>
            )}
          </LongList>
        )}
      </Shown>
    </section>
  );
}
