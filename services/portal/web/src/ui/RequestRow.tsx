import { Link } from "react-router";
import type { Communities } from "../api/client";
import { useCommunity } from "../api/names";
import { useT } from "../i18n";
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
export function RequestRow({ request, own, inside }: { request: Request; own?: boolean; inside?: boolean }) {
  const t = useT();
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
      </div>
    </>
  );
}
