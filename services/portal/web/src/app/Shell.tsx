import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from "react-router";
import { notification, read } from "../api/client";
import { endedKey } from "../api/queries";
import { loginAddress } from "../api/session";
import { useT } from "../i18n";
import { Face } from "../ui/people";
import { usePerson } from "./context";
import { useFocusKept } from "./focus";
import { useKeys } from "./keys";
import { useLive } from "./live";
import { useOnline } from "./online";
import { Administration } from "./Administration";
import { places } from "./places";

const Keys = lazy(() => import("./KeysDialog"));
const Palette = lazy(() => import("./Palette"));

// What fits on a phone; people are above the page there.
const tabs = ["/", "/requests", "/ask", "/communities", "/inbox"];

export function Shell() {
  const t = useT();
  const person = usePerson();
  const [open, setOpen] = useState<"keys" | "palette">();
  useKeys(setOpen);
  useFocusKept();
  useLive();
  return (
    <>
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <div className="shell">
        <nav className="rail" aria-label={t("shell.places")}>
          <Link to="/" className="organisation">
            {person.organisation.name}
          </Link>
          <Link to="/ask" className="button primary ask" aria-keyshortcuts="a">
            {t("ask.do")}
          </Link>
          <ul>
            {places
              .filter((p) => p.to !== "/ask")
              .map((p) => (
                <li key={p.to}>
                  <NavLink to={p.to} end={p.to === "/"}>
                    {t(p.words)}
                    {p.to === "/inbox" && <Unread />}
                  </NavLink>
                </li>
              ))}
          </ul>
          <Administration />
          <ul className="own">
            <li>
              <NavLink to="/me">
                <Face name={person.name} />
                {person.name}
              </NavLink>
            </li>
          </ul>
        </nav>
        <header className="topbar">
          <Link to="/" className="organisation">
            {person.organisation.name}
          </Link>
          <span className="places">
            <Link to="/people">{t("place.people")}</Link>
            <Link to="/me" aria-label={t("place.me")}>
              <Face name={person.name} />
            </Link>
          </span>
        </header>
        <div>
          <Notices />
          <main id="main" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        <nav className="tabs" aria-label={t("shell.places")}>
          <ul>
            {tabs.map((to) => {
              const p = places.find((one) => one.to === to);
              return (
                p && (
                  <li key={to}>
                    <NavLink to={to} end={to === "/"}>
                      {p.icon}
                      {t(p.words)}
                      {to === "/inbox" && <Unread most={99} />}
                    </NavLink>
                  </li>
                )
              );
            })}
          </ul>
        </nav>
      </div>
      <ScrollRestoration />
      <Suspense>
        {open === "keys" && <Keys close={() => setOpen(undefined)} />}
        {open === "palette" && <Palette close={() => setOpen(undefined)} />}
      </Suspense>
    </>
  );
}

/** How many items are unread; beyond most only that there are more. */
function Unread({ most = Infinity }: { most?: number }) {
  const t = useT();
  const { data } = useQuery({ queryKey: ["inbox", "count"], queryFn: () => read(notification.GET("/inbox/count")), staleTime: 60_000 });
  if (!data || data.unread === 0) return null;
  return (
    <span className="count">
      {data.more || data.unread > most ? t("inbox.many", { count: Math.min(data.unread, most) }) : data.unread}
      <span className="unseen"> {t("inbox.unread")}</span>
    </span>
  );
}

/** That the session has ended, or that there is no network: nothing typed is lost either way. */
function Notices() {
  const t = useT();
  useLocation(); // the way back is to this page
  const ended = useQuery({ queryKey: endedKey, queryFn: () => false, enabled: false, initialData: false });
  const online = useOnline();
  return (
    <div role="status">
      {ended.data && (
        <p className="notice">
          {t("notice.ended")}
          <a className="button" href={loginAddress()}>
            {t("signin.do")}
          </a>
        </p>
      )}
      {!online && <p className="notice">{t("notice.offline")}</p>}
    </div>
  );
}
