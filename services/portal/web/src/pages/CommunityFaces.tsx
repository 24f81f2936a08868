import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { membership, read, type Membership } from "../api/client";
import { useUnits } from "../api/names";
import { useT, type MessageId } from "../i18n";
import { Face } from "../ui/people";
import { Shown } from "../ui/states";

type Member = Membership["Member"];

/** Who is in a community, those who care for it first; or some of these. */
export function Faces({ community: id, of, only }: { community: string; of: MessageId; only?: (m: Member) => boolean }) {
  const t = useT();
  const units = useUnits();
  const query = useQuery({
    queryKey: ["members", id, "first"],
    queryFn: () => read(membership.GET("/communities/{community}/members", { params: { path: { community: id }, query: { limit: 12 } } })),
  });
  if (only && query.data && !query.data.items.some(only)) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t(of)}</h2>
        <Link to={`/communities/${id}/people`}>{t("community.people.all")}</Link>
      </div>
      <Shown query={query}>
        {({ items }) => (
          <ul className="people members">
            {items.filter(only ?? (() => true)).map((m) => (
              <li key={m.person}>
                <Face name={m.name} />
                <span>
                  <Link to={`/people/${m.person}`}>{m.name ?? t("person.former")}</Link>
                  <span className="small muted unit">{[m.role !== "member" && t(`role.${m.role}.one`), units.get(m.unit ?? "")?.name].filter(Boolean).join(" · ")}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </section>
  );
}
