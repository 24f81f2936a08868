import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Communities } from "../api/client";
import { lineQuery, useCommunity } from "../api/names";
import { T, useT } from "../i18n";
import { Name, UnitOf } from "./people";
import { Time } from "./Time";

type Request = Communities["Request"];

/** How a request stands, in words. */
export function State({ state }: { state: Request["state"] }) {
  const t = useT();
  const tone = state === "resolved" ? " good" : "";
  return <span className={`state${tone}`}>{t(`state.${state}`)}</span>;
}

/** A request as a row of text; inside its community, or among one's own, that need not be said. */
export function RequestRow({ request: listed, own, inside }: { request: Request; own?: boolean; inside?: boolean }) {
  const t = useT();
  // A list that is long is not read again when something happens; what is on the screen is.
  const request = useQuery({ ...lineQuery(listed.id), initialData: listed }).data ?? listed;
  const where = useCommunity(inside ? undefined : request.community);
  return (
    <>
      <Link className="row-title" to={`/requests/${request.id}`} lang={request.language}>
        {request.title ?? t("request.untitled")}
      </Link>
      <div className="meta">
        <State state={request.state} />
        {!own && <Name id={request.asker.id} />}
        {!own && <UnitOf person={request.asker.id} />}
        {where && <Link to={`/communities/${where.id}`}>{where.name}</Link>}
        <Time at={request.created} />
        <Responses request={request} own={own} />
      </div>
    </>
  );
}

/** How many responses there are; of one's own request, who gave the newest. */
function Responses({ request: { responses: count, newest_response: newest }, own }: { request: Request; own?: boolean | undefined }) {
  const t = useT();
  if (own && newest)
    return (
      <span>
        <T id="request.newest" name={<Name id={newest.author.id} />} time={<Time at={newest.at} />} />
      </span>
    );
  return count > 0 ? <span>{t("request.count", { count })}</span> : null;
}
