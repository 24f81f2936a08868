import { useRef } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { community, read, type Communities } from "../api/client";
import { command, useCommand } from "../api/queries";
import { T, useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { Opening } from "../ui/Opening";
import { ReasonForm } from "../ui/ReasonForm";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";

type Linked = Communities["Link"];
type Act = Linked["may"][number];

/** What a link says, seen from one of its communities. */
export function LinkWords({ link: l, of }: { link: Linked; of: string }) {
  const other = l.proposer.id === of ? l.other : l.proposer;
  const name = <Link to={`/communities/${other.id}`}>{other.name}</Link>;
  if (l.kind === "spawned") return l.origin === of ? <T id="link.spawned.from_here" name={name} /> : <T id="link.spawned.from_there" name={name} />;
  return <T id={`link.${l.kind}`} name={name} />;
}

export function LinkRow({ link: l, of }: { link: Linked; of: string }) {
  const t = useT();
  const here = useRef<HTMLDivElement>(null);
  const ours = l.proposer.id === of;
  const act = useCommand(({ what, reason }: { what: Act; reason: string }, key) => {
    const params = { path: { link: l.id }, header: command(key) };
    switch (what) {
      case "agree":
        return read(community.POST("/links/{link}/agree", { params, body: {} }));
      case "decline":
        return read(community.POST("/links/{link}/decline", { params, body: { reason } }));
      case "withdraw":
        return read(community.POST("/links/{link}/withdraw", { params, body: {} }));
      case "end":
        return read(community.POST("/links/{link}/end", { params, body: { reason } }));
    }
  });
  // The row moves on with the answer: the focus stays with its list.
  const send = (what: Act, reason = "") => {
    const section = here.current?.closest("section");
    return act.mutateAsync({ what, reason }).then(() => focusHeading(section));
  };
  const other = ours ? l.other.name : l.proposer.name;
  return (
    <div ref={here}>
      <p className="says">
        <LinkWords link={l} of={of} />
      </p>
      <div className="meta">
        {l.state === "proposed" && <span>{ours ? t("link.asked") : t("link.asks")}</span>}
        <Time at={l.since} />
      </div>
      {l.reason && <p className="small">{t("link.reason", { reason: l.reason })}</p>}
      {l.answer && <p className="small muted">{t("link.answer", { answer: l.answer })}</p>}
      <div className="buttons answer">
        {l.may.includes("agree") && (
          <Button className="button primary" isDisabled={act.isPending} onPress={() => void send("agree").catch(() => undefined)} aria-label={t("link.agree.to", { name: other })}>
            {t("link.agree")}
          </Button>
        )}
        {l.may.includes("withdraw") && (
          <Button className="button quiet" isDisabled={act.isPending} onPress={() => void send("withdraw").catch(() => undefined)} aria-label={t("link.withdraw.from", { name: other })}>
            {t("link.withdraw")}
          </Button>
        )}
        {(["decline", "end"] as const)
          .filter((what) => l.may.includes(what))
          .map((what) => (
            <Opening key={what} words={t(`link.${what}`)} label={t(`link.${what}.with`, { name: other })} className="button quiet">
              {(close) => (
                <ReasonForm
                  draft={`link.${l.id}.${what}`}
                  meaning={t(`link.${what}.means`)}
                  label={t("link.why")}
                  missing={t("link.why.missing")}
                  does={t(`link.${what}`)}
                  busy={act.isPending}
                  failed={act.error}
                  send={(reason) => send(what, reason)}
                  cancel={close}
                />
              )}
            </Opening>
          ))}
      </div>
      {act.isError && !["decline", "end"].includes(act.variables?.what ?? "") && <Failure error={act.error} />}
    </div>
  );
}
