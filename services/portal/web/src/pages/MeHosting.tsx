import { useQueries } from "@tanstack/react-query";
import { Link } from "react-router";
import { membership, read } from "../api/client";
import { useMe } from "../api/names";
import { useT } from "../i18n";

/** The communities that have no other host than the person, and what becomes of them. */
export function HostedAlone() {
  const t = useT();
  const hosted = useMe().data?.communities.filter((c) => c.role === "host") ?? [];
  const members = useQueries({
    queries: hosted.map((c) => ({
      queryKey: ["members", c.community, "hosts"],
      // Hosts come first: two members say whether there is a second one.
      queryFn: () => read(membership.GET("/communities/{community}/members", { params: { path: { community: c.community }, query: { limit: 2 } } })),
    })),
  });
  const alone = hosted.filter((_, i) => members[i]?.data && members[i].data.items.filter((m) => m.role === "host").length === 1);
  if (alone.length === 0) return null;
  return (
    <section className="section">
      <h2>{t("erase.hosting")}</h2>
      <p>{t("erase.hosting.words")}</p>
      <ul className="rows answer">
        {alone.map((c) => (
          <li key={c.community} data-row>
            <Link className="row-title" to={`/communities/${c.community}`}>
              {c.name}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
