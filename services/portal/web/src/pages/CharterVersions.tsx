import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link, useSearchParams } from "react-router";
import { community, read } from "../api/client";
import { useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { More } from "../ui/More";
import { Name } from "../ui/people";
import { Shown } from "../ui/states";
import { Time } from "../ui/Time";

/** Who wrote which version, when and why; and what changed between any two. */
export function CharterVersions({ community: id, newest }: { community: string; newest: number }) {
  const t = useT();
  const list = useInfiniteQuery({
    queryKey: ["charter", id, "versions"],
    queryFn: ({ pageParam }) =>
      read(community.GET("/communities/{community}/charter/versions", { params: { path: { community: id }, query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  return (
    <section>
      <h2>{t("charter.versions")}</h2>
      <Shown query={list}>
        {({ pages }) => (
          <ol className="versions-list">
            {pages
              .flatMap((p) => p.items)
              .map((v) => (
                <li key={v.version} data-row>
                  <div className="meta">
                    <Link to={v.version === newest ? "." : `?version=${v.version}`} relative="path">
                      {t("charter.version", { version: v.version })}
                    </Link>
                    <Name id={v.author.id} />
                    <Time at={v.at} />
                  </div>
                  {v.note && <p>{v.note}</p>}
                  <Link to={`?from=${v.version - 1}&to=${v.version}`}>
                    {t("charter.changes")}
                    <span className="unseen"> {t("charter.version", { version: v.version })}</span>
                  </Link>
                </li>
              ))}
          </ol>
        )}
      </Shown>
      <More list={list} />
      {newest > 1 && <Compare key={newest} newest={newest} />}
    </section>
  );
}

/** Chooses any two versions to see what lies between them. */
function Compare({ newest }: { newest: number }) {
  const t = useT();
  const [, setParams] = useSearchParams();
  const [from, setFrom] = useState(String(newest - 1));
  const [to, setTo] = useState(String(newest));
  const versions = Array.from({ length: newest }, (_, n) => newest - n).map((n) => ({ value: String(n), words: t("charter.version", { version: n }) }));
  return (
    <form
      className="compare"
      onSubmit={(e) => {
        e.preventDefault();
        setParams({ from, to });
      }}
    >
      <h3>{t("charter.compare")}</h3>
      <div className="pair">
        <SelectInput label={t("charter.compare.from")} value={from} onChange={setFrom} options={versions} />
        <SelectInput label={t("charter.compare.to")} value={to} onChange={setTo} options={versions} />
      </div>
      <Button type="submit" className="button">
        {t("charter.compare.do")}
      </Button>
    </form>
  );
}
