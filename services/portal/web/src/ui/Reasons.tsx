import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Matching } from "../api/client";
import { lineQuery, useUnits } from "../api/names";
import { T, useT } from "../i18n";
import { pending } from "./now";

type Reason = Matching["Reason"];

/** Why somebody is proposed, as one would say it to a colleague. About the reader: "you". */
export function Reasons({ reasons, you, most = 2 }: { reasons: readonly Reason[]; you?: boolean; most?: number }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="small muted">
      {reasons.slice(0, most).map((reason, i) => (
        <li key={i}>{you ? <ToYou reason={reason} /> : <ToOthers reason={reason} />}</li>
      ))}
    </ul>
  );
}

function ToOthers({ reason }: { reason: Reason }) {
  const t = useT();
  const unit = useUnits().get(reason.unit ?? "")?.name;
  switch (reason.code) {
    case "answered_similar":
      return <T id="reason.answered_similar" request={<RequestTitle id={reason.request} />} />;
    case "topic":
      return t("reason.topic", { topic: reason.topic ?? "" });
    case "tag":
      return t("reason.tag", { tag: reason.tag ?? "" });
    case "community":
      return t("reason.community");
    case "other_unit":
      return unit ? t("reason.other_unit.named", { unit }) : t("reason.other_unit");
    case "helped_asker":
      return t("reason.helped_asker");
    case "newcomer": // for the helper alone
      return null;
  }
}

function ToYou({ reason }: { reason: Reason }) {
  const t = useT();
  switch (reason.code) {
    case "answered_similar":
      return <AnsweredSimilar reason={reason} />;
    case "topic":
      return t("reason.you.topic", { topic: reason.topic ?? "" });
    case "tag":
      return reason.times
        ? t("reason.you.tag_times", { count: reason.times, tag: reason.tag ?? "" })
        : t("reason.you.tag", { tag: reason.tag ?? "" });
    case "community":
      return t("reason.you.community");
    case "other_unit":
      return t("reason.you.other_unit");
    case "helped_asker":
      return t("reason.you.helped_asker");
    case "newcomer":
      return t("reason.you.newcomer");
  }
}

function AnsweredSimilar({ reason }: { reason: Reason }) {
  const t = useT();
  const count = reason.times;
  if (!reason.request) return count ? t("reason.you.answered_count", { count }) : t("reason.you.answered_some");
  const request = <RequestTitle id={reason.request} />;
  return count ? <T id="reason.you.answered_times" count={count} request={request} /> : <T id="reason.you.answered_similar" request={request} />;
}

function RequestTitle({ id }: { id: string | undefined }) {
  const t = useT();
  const { data } = useQuery({ ...lineQuery(id ?? ""), staleTime: 5 * 60_000 });
  if (!id || data === undefined) return <>{pending}</>;
  return <Link to={`/requests/${id}`}>{data?.title ?? t("request.untitled")}</Link>;
}
