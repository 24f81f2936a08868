import { useQueries } from "@tanstack/react-query";
import { Link } from "react-router";
import { waitingQuery } from "../api/belonging";
import { useMe } from "../api/names";
import { useT } from "../i18n";

/** For hosts: where people have asked to join and wait for an answer. */
export function AtTheDoor() {
  const t = useT();
  const hosted = useMe().data?.communities.filter((c) => c.role === "host") ?? [];
  const waiting = useQueries({ queries: hosted.map((c) => waitingQuery(c.community)) });
  const some = hosted.map((c, i) => ({ ...c, count: waiting[i]?.data?.items.length ?? 0, more: Boolean(waiting[i]?.data?.next) })).filter((c) => c.count > 0);
  if (some.length === 0) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("waiting.title")}</h2>
      </div>
      <ul className="rows">
        {some.map((c) => (
          <li key={c.community} data-row>
            <Link className="row-title" to={`/communities/${c.community}/people`}>
              {t("waiting.count", { count: c.count, more: String(c.more), community: c.name })}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
