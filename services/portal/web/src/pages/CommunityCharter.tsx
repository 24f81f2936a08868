import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link, useSearchParams } from "react-router";
import { charterQuery, charterVersionQuery } from "../api/charter";
import type { Communities } from "../api/client";
import { T, useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { Name } from "../ui/people";
import { Prose } from "../ui/Prose";
import { Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { Compared } from "./CharterDiff";
import { CharterForm } from "./CharterForm";
import { CharterVersions } from "./CharterVersions";
import { CommunityPage, type Detail } from "./CommunityPage";

type Text = Communities["Charter"];

/** What a community has agreed on, how it came to that, and writing it anew. */
export function CommunityCharter() {
  return <CommunityPage part="charter.title">{(detail) => <Charter key={detail.community.id} detail={detail} />}</CommunityPage>;
}

function Charter({ detail: { community: c, may } }: { detail: Detail }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const number = (name: string) => Math.max(0, Math.trunc(Number(params.get(name)) || 0));
  const [read, from, to] = [number("version"), number("from"), number("to")];
  const newest = () => setParams({}, { replace: true });
  const query = useQuery(charterQuery(c.id));
  const old = useQuery({ ...charterVersionQuery(c.id, read), enabled: read > 0 });
  const [writing, setWriting] = useState<{ from?: Text }>();
  const revises = may.includes("revise_charter");
  const close = () => {
    setWriting(undefined);
    newest();
    focusHeading();
  };
  return (
    <div className="with-margin">
      <Shown query={query}>
        {(charter) =>
          writing ? (
            <CharterForm key={charter.community} charter={charter} from={writing.from} close={close} />
          ) : to > 0 && to <= charter.version && from <= charter.version ? (
            <Compared key={`${from}-${to}`} community={c.id} from={from} to={to} close={() => (newest(), focusHeading())} />
          ) : read > 0 && read !== charter.version ? (
            <Shown query={old}>
              {(then) => (
                <div>
                  <Older text={then} now={charter.version} revises={revises} back={() => (newest(), focusHeading())} again={() => setWriting({ from: then })} />
                </div>
              )}
            </Shown>
          ) : (
            <div>
              {charter.version === 0 ? <p className="empty">{revises ? t("charter.empty.own") : t("charter.empty")}</p> : <CharterText text={charter} />}
              {revises && (
                <p className="more">
                  <Button className={charter.version === 0 ? "button primary" : "button"} onPress={() => setWriting({})}>
                    {charter.version === 0 ? t("charter.write") : t("charter.revise")}
                  </Button>
                </p>
              )}
            </div>
          )
        }
      </Shown>
      <aside className="margin versions">{query.data && query.data.version > 0 && <CharterVersions community={c.id} newest={query.data.version} />}</aside>
    </div>
  );
}

/** An earlier text, and the way back to it. */
function Older({ text, now, revises, back, again }: { text: Text; now: number; revises: boolean; back: () => void; again: () => void }) {
  const t = useT();
  return (
    <>
      <div className="standing">
        <p>
          <T id="charter.old" version={text.version} now={now} />
        </p>
        <div className="buttons">
          <Button className="button" onPress={back}>
            {t("charter.old.newest")}
          </Button>
          {revises && (
            <Button className="button" onPress={again}>
              {t("charter.old.again")}
            </Button>
          )}
        </div>
      </div>
      <CharterText text={text} />
    </>
  );
}

function CharterText({ text }: { text: Text }) {
  const t = useT();
  return (
    <>
      {text.purpose && (
        <section className="part">
          <h2>{t("charter.field.purpose")}</h2>
          <Prose text={text.purpose} />
        </section>
      )}
      {text.vision && (
        <section className="part">
          <h2>{t("charter.field.vision")}</h2>
          <Prose text={text.vision} />
        </section>
      )}
      <Lines title={t("charter.field.objectives")} lines={text.objectives} />
      <Lines title={t("charter.field.norms")} lines={text.norms} />
      <Lines title={t("charter.field.stakeholders")} lines={text.stakeholders.map((s) => `${s.name}: ${s.interest}`)} />
      <div className="meta">
        <span>{t("charter.version", { version: text.version })}</span>
        {text.author && <Name id={text.author.id} />}
        {text.at && <Time at={text.at} />}
      </div>
    </>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section className="part">
      <h2>{title}</h2>
      <ul className="bullets">
        {lines.map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

/** In the margin of the community: its purpose and goals, and the way to the rest. */
export function CharterInShort({ community: id, revises }: { community: string; revises: boolean }) {
  const t = useT();
  const query = useQuery(charterQuery(id));
  return (
    <section>
      <h2>{t("charter.title")}</h2>
      <Shown query={query}>
        {(charter) => (
          <>
            {charter.version === 0 && <p className="muted">{t("charter.empty")}</p>}
            {charter.purpose && <p className="short">{charter.purpose}</p>}
            {charter.objectives.length > 0 && (
              <ul className="bullets">
                {charter.objectives.slice(0, 4).map((line, i) => (
                  <li key={i}>{line}</li>
                ))}
              </ul>
            )}
            {(charter.version > 0 || revises) && (
              <p>
                <Link to={`/communities/${id}/charter`}>{charter.version > 0 ? t("charter.whole", { version: charter.version }) : t("charter.write")}</Link>
              </p>
            )}
          </>
        )}
      </Shown>
    </section>
  );
}
