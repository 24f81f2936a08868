import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { membership, read } from "../api/client";
import { useT } from "../i18n";
import { Face, UnitName } from "../ui/people";
import { More } from "../ui/More";
import { Empty, Shown } from "../ui/states";

/** Who works in a unit or in those below it. */
export function PeopleOfUnit({ unit }: { unit: string }) {
  const t = useT();
  const list = useInfiniteQuery({
    queryKey: ["people", "of", unit],
    queryFn: ({ pageParam }) => read(membership.GET("/people", { params: { query: { unit, limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  return (
    <section className="section">
      <h3>{t("place.people")}</h3>
      <Shown query={list}>
        {({ pages }) => {
          const people = pages.flatMap((p) => p.items);
          if (people.length === 0) return <Empty words={t("org.unit.people.empty")} />;
          return (
            <>
              <ul className="rows people">
                {people.map((p) => (
                  <li key={p.id} data-row>
                    <Face name={p.name} />
                    <span>
                      <Link className="row-title" to={`/organisation/people/${p.id}`}>
                        {p.name}
                      </Link>
                      {p.unit !== unit && (
                        <span className="small muted unit">
                          <UnitName id={p.unit} />
                        </span>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
              <More list={list} />
            </>
          );
        }}
      </Shown>
    </section>
  );
}
