import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link, useParams } from "react-router";
import type { Communities } from "../api/client";
import { conversationQuery, useCommunity } from "../api/names";
import { usePerson } from "../app/context";
import { T, useT } from "../i18n";
import { FaceOf, Name, UnitOf } from "../ui/people";
import { Page } from "../ui/Page";
import { Prose } from "../ui/Prose";
import { State } from "../ui/RequestRow";
import { Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { Closing, Helping, Respond, ToResponse } from "./RequestActions";
import { CorrectRequest } from "./RequestCorrect";
import { Margin } from "./RequestMargin";

type Conversation = Communities["Conversation"];

export function Request() {
  const t = useT();
  const id = useParams().request ?? "";
  const query = useQuery(conversationQuery(id));
  if (!query.data)
    return (
      <Page title={t("request.title")}>
        <Shown query={query}>{() => null}</Shown>
      </Page>
    );
  return <Talk key={id} talk={query.data} />;
}

function Talk({ talk }: { talk: Conversation }) {
  const t = useT();
  const { request, responses } = talk;
  const own = request.asker.id === usePerson().person;
  const [correcting, setCorrecting] = useState(false);
  const title = request.title ?? t("request.untitled");
  const sorted = [...responses.filter((r) => r.accepted), ...responses.filter((r) => !r.accepted)];
  return (
    <Page title={title} lead={<Asked talk={talk} />}>
      <div className="with-margin">
        <div>
          {correcting ? <CorrectRequest talk={talk} close={() => setCorrecting(false)} /> : <Texts talk={talk} />}
          {talk.may.includes("correct") && !correcting && (
            <Button className="button quiet correct" onPress={() => setCorrecting(true)}>
              {t("correct.do")}
            </Button>
          )}
          {!own && <Helping request={request.id} open={talk.may.includes("respond")} />}
          {sorted.length > 0 && (
            <section aria-label={t("request.responses")} lang={request.language}>
              {sorted.map((r) => (
                <Turn key={r.id} response={r} request={request.id} />
              ))}
            </section>
          )}
          {sorted.length === 0 && <p className="muted">{own ? t("request.waiting.own") : t("request.waiting")}</p>}
          {talk.may.includes("respond") && <Respond request={request.id} />}
          <Closing talk={talk} />
        </div>
        <Margin talk={talk} />
      </div>
    </Page>
  );
}

function Asked({ talk: { request, corrected } }: { talk: Conversation }) {
  const t = useT();
  const where = useCommunity(request.community);
  return (
    <p className="meta">
      <State state={request.state} />
      <span>{t(`kind.${request.kind}`)}</span>
      <Name id={request.asker.id} />
      <UnitOf person={request.asker.id} />
      {where && <Link to={`/communities/${where.id}`}>{where.name}</Link>}
      <Time at={request.created} />
      {corrected && <span>{t("request.corrected")}</span>}
    </p>
  );
}

function Texts({ talk }: { talk: Conversation }) {
  const t = useT();
  const own = ["tried", "purpose", "situation"] as const;
  if (!talk.body && !own.some((f) => talk[f])) return null;
  return (
    <div className="asked" lang={talk.request.language}>
      {talk.body && <Prose text={talk.body} />}
      {own.map(
        (f) =>
          talk[f] && (
            <div key={f}>
              <h2>{t(`request.${f}`)}</h2>
              <Prose text={talk[f]} />
            </div>
          ),
      )}
    </div>
  );
}

function Turn({ response, request }: { response: Communities["Response"]; request: string }) {
  const t = useT();
  const { author, thanks } = response;
  return (
    <article className={response.accepted ? "turn accepted" : "turn"}>
      <FaceOf id={author.id} />
      <div className="who">
        <Name id={author.id} />
        <span className="meta">
          <UnitOf person={author.id} />
          <Time at={response.created} />
          {response.corrected && <span>{t("request.corrected")}</span>}
          {response.accepted && <span className="state good">{t("response.accepted")}</span>}
        </span>
      </div>
      <div>
        {response.body ? <Prose text={response.body} /> : <p className="muted">{t("response.gone")}</p>}
        {thanks && (
          <blockquote>
            {thanks.note ? <T id="response.thanks.note" note={thanks.note} /> : t("response.thanks")}
          </blockquote>
        )}
        <ToResponse response={response} request={request} />
      </div>
    </article>
  );
}
