import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Link, useNavigate } from "react-router";
import type { Matching } from "../api/client";
import { lineQuery } from "../api/names";
import { useT } from "../i18n";
import { pending } from "../ui/now";
import { UnitOf } from "../ui/people";
import { Reasons } from "../ui/Reasons";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";
import { useAnswer } from "./answering";

/** Requests that the person is asked to help with. */
export function CouldHelp({ items }: { items: Matching["MyProposal"][] }) {
  const t = useT();
  return (
    <section className="section">
      <div className="head">
        <h2>{t("home.help")}</h2>
      </div>
      {items.length === 0 ? (
        <p className="empty">{t("home.help.empty")}</p>
      ) : (
        <ul className="rows">
          {items.map((p) => (
            <li key={p.request} data-row>
              <Proposal proposal={p} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Proposal({ proposal }: { proposal: Matching["MyProposal"] }) {
  const t = useT();
  const navigate = useNavigate();
  const { data } = useQuery(lineQuery(proposal.request));
  const answer = useAnswer(proposal.request);
  return (
    <>
      <Link className="row-title" to={`/requests/${proposal.request}`} lang={data?.language}>
        {data === undefined ? pending : (data?.title ?? t("request.untitled"))}
      </Link>
      <div className="meta">
        {data && <UnitOf person={data.asker.id} />}
        <span>{t(`kind.${proposal.kind}`)}</span>
        <Time at={proposal.proposed_at} />
      </div>
      <Reasons reasons={proposal.reasons} you most={1} />
      <div className="buttons answer">
        <Button
          className="button"
          isDisabled={answer.isPending}
          onPress={() => {
            answer.mutate("can_help");
            void navigate(`/requests/${proposal.request}`); // which says so if it is refused
          }}
        >
          {t("help.can")}
        </Button>
        <Button className="button quiet" isDisabled={answer.isPending} onPress={() => answer.mutate("not_me")}>
          {t("help.not")}
        </Button>
      </div>
      {answer.isError && <Failure error={answer.error} undone />}
    </>
  );
}
