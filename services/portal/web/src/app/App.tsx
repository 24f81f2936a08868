import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { RouterProvider } from "react-router";
import { kept } from "../api/queries";
import { fetchSession, loginAddress } from "../api/session";
import { T, useT, Words } from "../i18n";
import { Failure } from "../ui/states";
import { PersonContext } from "./context";
import { watchIntent } from "./intent";
import { router } from "./routes";
import { applyAccent } from "./theme";

export function App() {
  const session = useQuery({ queryKey: [kept, "session"], queryFn: fetchSession, staleTime: Infinity, networkMode: "always" });
  const accent = session.data?.organisation.accent;
  useEffect(() => {
    if (accent && accent.toLowerCase() !== "#a8441f") applyAccent(accent);
  }, [accent]);
  const client = useQueryClient();
  const signedIn = Boolean(session.data);
  useEffect(() => (signedIn ? watchIntent(router.routes, client) : undefined), [signedIn, client]);
  if (session.isPending) return null;
  return (
    <Words own={session.data?.language} german={session.data?.organisation.german}>
      {session.data ? (
        <PersonContext value={session.data}>
          <RouterProvider router={router} />
        </PersonContext>
      ) : (
        <main className="signin">
          {session.isError ? <Failure error={session.error} retry={() => void session.refetch()} /> : location.pathname === "/erased" ? <Erased /> : <SignIn />}
        </main>
      )}
    </Words>
  );
}

/** What has happened to who has erased themself. */
function Erased() {
  const t = useT();
  const texts = new URLSearchParams(location.search).has("texts");
  return (
    <>
      <h1>{t("erased.title")}</h1>
      <p>{t("erased.words")}</p>
      <p>{texts ? t("erased.texts") : t("erased.kept")}</p>
      <p className="muted">{t("erased.issuer")}</p>
    </>
  );
}

function SignIn() {
  const t = useT();
  return (
    <>
      <h1>{t("signin.title")}</h1>
      <p>
        <T id="signin.words" />
      </p>
      <a className="button primary" href={loginAddress()}>
        {t("signin.do")}
      </a>
    </>
  );
}
