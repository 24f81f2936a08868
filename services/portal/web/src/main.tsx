import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { fetchSession, loginAddress, signOut, type Session } from "./session";
import "./style.css";
import { wordsIn } from "./words";

type State = Session | null | "loading" | "failed";

function Page() {
  const [state, setState] = useState<State>("loading");
  useEffect(() => {
    fetchSession().then(setState, () => setState("failed"));
  }, []);
  const signedIn = typeof state === "object" ? state : null;
  const { language, words } = wordsIn(signedIn?.language ?? navigator.language);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = signedIn?.organisation.name ?? "Kith";
  });
  if (state === "loading") return <main aria-busy="true" />;
  if (state === "failed") return <main><p role="alert">{words.failed}</p></main>;
  if (!signedIn) {
    return (
      <main>
        <h1>Kith</h1>
        <p>{words.nobody}</p>
        <p><a href={loginAddress()}>{words.signIn}</a></p>
      </main>
    );
  }
  return (
    <main>
      <h1>{words.hello(signedIn.name)}</h1>
      <p>{words.welcome(signedIn.organisation.name)}</p>
      <button type="button" onClick={() => signOut().catch(() => setState("failed"))}>{words.signOut}</button>
    </main>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><Page /></StrictMode>);
