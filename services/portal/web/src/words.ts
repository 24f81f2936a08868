const english = {
  hello: (name: string) => `Hello, ${name}`,
  welcome: (organisation: string) => `You are signed in at ${organisation}.`,
  nobody: "You are not signed in.",
  signIn: "Sign in",
  signOut: "Sign out",
  failed: "Kith does not answer at the moment. Load the page again in a moment.",
};

const german: typeof english = {
  hello: (name) => `Hallo, ${name}`,
  welcome: (organisation) => `Angemeldet bei ${organisation}.`,
  nobody: "Niemand ist angemeldet.",
  signIn: "Anmelden",
  signOut: "Abmelden",
  failed: "Kith antwortet gerade nicht. Ein neuer Versuch in einem Augenblick hilft meist.",
};

/** The page in a language, English for those it does not have. */
export function wordsIn(language: string): { language: string; words: typeof english } {
  return language.startsWith("de") ? { language: "de", words: german } : { language: "en", words: english };
}
