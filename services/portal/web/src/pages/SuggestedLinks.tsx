import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { matching, read, type Matching } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { Failure } from "../ui/states";
import type { Target } from "./ProposeLink";

/** For hosts: communities with which a link could be of use, and why. */
export function SuggestedLinks({ community, propose }: { community: string; propose: (to: Target) => void }) {
  const t = useT();
  const { data } = useQuery({
    queryKey: ["links", community, "suggested"],
    queryFn: () => read(matching.GET("/communities/{community}/links/suggested", { params: { path: { community }, query: { at_most: 5 } } })),
  });
  if (!data?.items.length) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("links.suggested")}</h2>
      </div>
      <ul className="rows">
        {data.items.map((s) => (
          <li key={s.community} data-row>
            <Suggested suggestion={s} of={community} propose={propose} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Suggested({ suggestion: s, of, propose }: { suggestion: Matching["LinkSuggestion"]; of: string; propose: (to: Target) => void }) {
  const t = useT();
  const here = useRef<HTMLDivElement>(null);
  const dismiss = useCommand((_: "dismiss", key) =>
    read(matching.POST("/communities/{community}/links/suggested/{other}/dismiss", { params: { path: { community: of, other: s.community }, header: command(key) } })),
  );
  const drop = () => {
    const section = here.current?.closest("section");
    void dismiss.mutateAsync("dismiss").then(() => focusHeading(section), () => undefined);
  };
  return (
    <div ref={here}>
      <Link className="row-title" to={`/communities/${s.community}`}>
        {s.name}
      </Link>
      <ul className="small muted">
        {s.reasons.map((r) => (
          <li key={r.code}>{r.code === "shared_topics" ? t("links.because.shared_topics", { words: r.words?.join(", ") ?? "" }) : t(`links.because.${r.code}`, { count: r.count ?? 5 })}</li>
        ))}
      </ul>
      <div className="buttons answer">
        <Button className="button" onPress={() => propose({ id: s.community, name: s.name })} aria-label={t("links.propose.to", { name: s.name })}>
          {t("links.propose")}
        </Button>
        <Button className="button quiet" isDisabled={dismiss.isPending} onPress={drop} aria-label={t("suggested.dismiss.of", { name: s.name })}>
          {t("suggested.dismiss")}
        </Button>
      </div>
      {dismiss.isError && <Failure error={dismiss.error} />}
    </div>
  );
}

/** For hosts: that a community has become too much for one, and how to go on from there. */
export function SplitSuggested({ community }: { community: string }) {
  const t = useT();
  const { data } = useQuery({
    queryKey: ["links", community, "split"],
    queryFn: () => read(matching.GET("/communities/{community}/split/suggested", { params: { path: { community } } })),
  });
  const dismiss = useCommand((_: "dismiss", key) => read(matching.POST("/communities/{community}/split/suggested/dismiss", { params: { path: { community }, header: command(key) } })));
  if (!data?.reasons.length) return null;
  return (
    <section className="section standing">
      <h2>{t("split.title")}</h2>
      {data.reasons.map((r) =>
        r.code === "size" ? (
          <p key={r.code}>{t("split.size", { members: r.members ?? 0, limit: r.limit ?? 0 })}</p>
        ) : (
          <div key={r.code}>
            <p>{t("split.topics")}</p>
            <ul className="bullets">
              {(r.groups ?? []).slice(0, 6).map((g) => (
                <li key={g.tags.join()}>{t("split.group", { tags: g.tags.join(", "), count: g.requests })}</li>
              ))}
            </ul>
          </div>
        ),
      )}
      <p className="muted">{t("split.how")}</p>
      <div className="buttons">
        <Link className="button" to="/communities/new">
          {t("split.found")}
        </Link>
        <Button className="button quiet" isDisabled={dismiss.isPending} onPress={() => void dismiss.mutateAsync("dismiss").then(() => focusHeading(), () => undefined)}>
          {t("split.dismiss")}
        </Button>
      </div>
      {dismiss.isError && <Failure error={dismiss.error} />}
    </section>
  );
}
