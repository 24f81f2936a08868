import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Matching } from "../api/client";
import { conversationQuery, useUnits } from "../api/names";
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
  }
}

function ToYou({ reason }: { reason: Reason }) {
  const t = useT();
  switch (reason.code) {
    case "answered_similar":
      return reason.request ? <T id="reason.you.answered_similar" request={<RequestTitle id={reason.request} />} /> : t("reason.you.answered_some");
    case "topic":
      return t("reason.you.topic", { topic: reason.topic ?? "" });
    case "tag":
      return t("reason.you.tag", { tag: reason.tag ?? "" });
    case "community":
      return t("reason.you.community");
    case "other_unit":
      return t("reason.you.other_unit");
  }
}

function RequestTitle({ id }: { id: string | undefined }) {
  const t = useT();
  const { data } = useQuery({ ...conversationQuery(id ?? ""), staleTime: 5 * 60_000 });
  if (!id || !data) return <>{pending}</>;
  return <Link to={`/requests/${id}`}>{data.request.title ?? t("request.untitled")}</Link>;
}
