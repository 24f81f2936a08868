import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useIntl } from "react-intl";
import { Link } from "react-router";
import type { Communities } from "../api/client";
import { elsewhereQuery, myProposalsQuery, nearQuery, ownQuery } from "../api/home";
import { useMe } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { useNow } from "../ui/now";
import { Page } from "../ui/Page";
import { RequestRow } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
import { AtTheDoor } from "./HomeHosting";
import { ToMeet } from "./HomeMeeting";
import { CouldHelp } from "./HomeProposals";
import { FirstSteps, useFirstSteps } from "./HomeSteps";
import { Invitations } from "./Invitations";

export function Home() {
  const t = useT();
  const intl = useIntl();
  const { name, person } = usePerson();
  const me = useMe();
  const today = intl.formatDate(useNow(), { weekday: "long", day: "numeric", month: "long" });
  const client = useQueryClient();
  const mine = useQuery(ownQuery(client));
  const proposals = useQuery(myProposalsQuery);
  const others = (all: { items: Communities["Request"][] } | undefined, most: number) => (all?.items ?? []).filter((r) => r.asker.id !== person).slice(0, most);
  const near = others(useQuery(nearQuery(client)).data, 6);
  const elsewhere = others(useQuery(elsewhereQuery(client)).data, 2);
  const isNew = me.data?.communities.length === 0;
  const steps = useFirstSteps();
  // Who has begun sees what waits for them first, and then the rest of the steps.
  const begun = steps && Object.values(steps.done).some(Boolean);
  const later = begun && !proposals.isPending && (proposals.data?.items.length ? "after" : "before");
  return (
    <Page title={t("home.hello", { name: name.split(" ")[0] ?? name })} lead={<p className="muted">{steps && !begun ? t("home.new") : today}</p>}>
      <div className="column">
        {steps && !begun && <FirstSteps {...steps} />}
        <AtTheDoor />
        <Invitations />
        <ToMeet />
        {steps && later === "before" && <FirstSteps {...steps} titled />}
        <Shown query={proposals}>{({ items }) => (items.length > 0 || !isNew) && <CouldHelp items={items} />}</Shown>
        {steps && later === "after" && <FirstSteps {...steps} titled />}
        <Shown query={mine}>
          {({ items }) =>
            (items.length > 0 || !isNew) && (
              <section className="section">
                <div className="head">
                  <h2>{t("home.yours")}</h2>
                  {items.length > 0 && <Link to="/requests?whose=mine">{t("home.yours.all")}</Link>}
                </div>
                {items.length === 0 ? (
                  <Empty words={t("home.yours.empty")}>
                    <Link className="button" to="/ask">
                      {t("ask.do")}
                    </Link>
                  </Empty>
                ) : (
                  <Rows items={items} own />
                )}
              </section>
            )
          }
        </Shown>
        {near.length > 0 && (
          <section className="section">
            <div className="head">
              <h2>{t("home.near")}</h2>
              <Link to="/requests?whose=communities">{t("home.near.all")}</Link>
            </div>
            <Rows items={near} />
          </section>
        )}
        {(elsewhere.length > 0 || !isNew) && (
          <section className="section">
            <div className="head">
              <h2>{t("home.elsewhere")}</h2>
              <Link to="/bridges">{t("home.elsewhere.bridges")}</Link>
            </div>
            {elsewhere.length > 0 && <Rows items={elsewhere} />}
          </section>
        )}
      </div>
    </Page>
  );
}

function Rows({ items, own }: { items: Parameters<typeof RequestRow>[0]["request"][]; own?: boolean }) {
  return (
    <ul className="rows">
      {items.map((r) => (
        <li key={r.id} data-row>
          <RequestRow request={r} own={Boolean(own)} />
        </li>
      ))}
    </ul>
  );
}
