import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "react-aria-components/Button";
import { FormattedList, useIntl } from "react-intl";
import { Link } from "react-router";
import { matching, read, type Matching } from "../api/client";
import { communityQuery, conversationQuery } from "../api/names";
import { command, useCommand } from "../api/queries";
import { T, useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { pending } from "../ui/now";
import { Name } from "../ui/people";
import { Failure } from "../ui/states";

/** Communities that could be something for the reader, with the reasons; nothing if none comes to mind. */
export function SuggestedCommunities() {
  const t = useT();
  const { data } = useQuery({
    queryKey: ["communities", "suggested"],
    queryFn: () => read(matching.GET("/me/communities/suggested", { params: { query: { at_most: 3 } } })),
  });
  if (!data?.items.length) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("suggested.title")}</h2>
      </div>
      <ul className="rows">
        {data.items.map((s) => (
          <li key={s.community} data-row>
            <Suggested suggestion={s} />
          </li>
        ))}
      </ul>
      <p className="small muted">{t("suggested.words")}</p>
    </section>
  );
}

function Suggested({ suggestion: s }: { suggestion: Matching["CommunitySuggestion"] }) {
  const t = useT();
  const here = useRef<HTMLDivElement>(null);
  const { data } = useQuery(communityQuery(s.community));
  const dismiss = useCommand((_: "dismiss", key) => read(matching.POST("/me/communities/suggested/{community}/dismiss", { params: { path: { community: s.community }, header: command(key) } })));
  const drop = () => {
    const section = here.current?.closest("section");
    void dismiss.mutateAsync("dismiss").then(() => focusHeading(section), () => undefined);
  };
  return (
    <div ref={here}>
      <Link className="row-title" to={`/communities/${s.community}`}>
        {s.name}
      </Link>
      {data && <p>{data.community.purpose}</p>}
      <ul className="small muted">
        {s.reasons.slice(0, 3).map((r, i) => (
          <li key={i}>
            <Because reason={r} />
          </li>
        ))}
      </ul>
      <div className="buttons">
        <Button className="button quiet" isDisabled={dismiss.isPending} onPress={drop} aria-label={t("suggested.dismiss.of", { name: s.name })}>
          {t("suggested.dismiss")}
        </Button>
      </div>
      {dismiss.isError && <Failure error={dismiss.error} />}
    </div>
  );
}

function Because({ reason: r }: { reason: Matching["CommunityReason"] }) {
  const t = useT();
  const intl = useIntl();
  switch (r.code) {
    case "want_to_learn":
    case "can_help":
      return t(`suggested.because.${r.code}`, { topic: r.topic ?? "" });
    case "asked":
    case "answered":
      return <T id={`suggested.because.${r.code}`} request={<Title id={r.request} />} />;
    case "colleagues":
      return <T id="suggested.because.colleagues" people={<FormattedList type="conjunction" value={(r.people ?? []).map((p) => <Name key={p} id={p} />)} />} />;
    case "language":
      return t("suggested.because.language", { language: intl.formatDisplayName(r.language ?? "", { type: "language" }) ?? "" });
  }
}

function Title({ id }: { id: string | undefined }) {
  const t = useT();
  const { data } = useQuery({ ...conversationQuery(id ?? ""), staleTime: 5 * 60_000 });
  if (!id || !data) return <>{pending}</>;
  return <Link to={`/requests/${id}`}>{data.request.title ?? t("request.untitled")}</Link>;
}
