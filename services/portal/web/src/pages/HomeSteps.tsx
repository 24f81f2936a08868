import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { community, read } from "../api/client";
import { useMe } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { useNow } from "../ui/now";

// As long somebody who does without one of the steps is reminded of it, in milliseconds.
const start = 30 * 86_400_000;

/** What a newcomer has done so far; undefined once there is nothing more to show, or while it is not known. */
export function useFirstSteps() {
  const key = `kith.first.${usePerson().person}`;
  const now = useNow();
  const [hidden, setHidden] = useState(() => localStorage.getItem(key) !== null);
  const me = useMe().data;
  const since = Date.parse(me?.person.affiliations?.[0]?.from ?? "");
  const isNew = me !== undefined && !hidden && (me.communities.length === 0 || now - since < start);
  const asked = useQuery({
    queryKey: ["requests", "first"],
    queryFn: () => read(community.GET("/requests", { params: { query: { mine: true, limit: 1 } } })),
    enabled: isNew,
  }).data;
  if (!isNew || !asked) return undefined;
  const { profile } = me.person;
  const done = {
    profile: (profile?.can_help?.length ?? 0) + (profile?.want_to_learn?.length ?? 0) > 0,
    join: me.communities.length > 0,
    ask: asked.items.length > 0,
  };
  if (done.profile && done.join && done.ask) return undefined;
  const hide = () => {
    localStorage.setItem(key, "hidden");
    setHidden(true);
  };
  return { done, hide };
}

const steps = ["profile", "join", "ask"] as const;
const to = { profile: "/me", join: "/communities", ask: "/ask" };

interface Props extends NonNullable<ReturnType<typeof useFirstSteps>> {
  /** Whether it says what it is; else the page has just said so. */
  titled?: boolean;
}

/** What a newcomer can do, what each step gives them, and what is done. */
export function FirstSteps({ done, hide, titled }: Props) {
  const t = useT();
  return (
    <section className="section" aria-label={t("first.title")}>
      {titled && (
        <div className="head">
          <h2>{t("first.title")}</h2>
        </div>
      )}
      <ol className="steps">
        {steps.map((step) => (
          <li key={step} className={done[step] ? "done" : ""}>
            <h2>
              {t(`first.${step}`)}
              {done[step] && <span className="state good small"> {t("first.done")}</span>}
            </h2>
            {!done[step] && (
              <>
                <p>{t(`first.${step}.gives`)}</p>
                <p>
                  <Link to={to[step]}>{step === "ask" ? t("ask.do") : t(`first.${step}.do`)}</Link>
                </p>
              </>
            )}
          </li>
        ))}
      </ol>
      <Button className="button quiet" onPress={hide}>
        {t("first.hide")}
      </Button>
    </section>
  );
}
