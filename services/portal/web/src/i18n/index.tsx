import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from "react";
import { IntlProvider, useIntl, type IntlShape } from "react-intl";
import type german from "./messages/de.json";

export type MessageId = keyof typeof german;

/** The languages that a person can choose. */
export const languages = ["de", "en"] as const;
export type Language = (typeof languages)[number];

/** The languages of the pages. "de" says du, "de-x-sie" says Sie. */
export type PageLanguage = Language | "de-x-sie";

/** The closest to a language tag (BCP 47) that there is. */
export const closest = (tag: string): Language => (/^de\b/i.test(tag) ? "de" : "en");

// What the pages spoke last on this device, for who is not signed in yet.
const spoken = "kith.language";

const speaks = (tag: string, german: German): PageLanguage => (closest(tag) === "de" && german === "sie" ? "de-x-sie" : closest(tag));

/** How the organisation speaks German. */
export type German = "du" | "sie";

async function load(language: PageLanguage): Promise<Record<string, string>> {
  if (language === "en") return (await import("./messages/en.json")).default;
  const du = (await import("./messages/de.json")).default;
  return language === "de" ? du : { ...du, ...(await import("./messages/de-x-sie.json")).default };
}

const LanguageContext = createContext<PageLanguage>("en");

/** What the pages speak now. */
export const useLanguage = () => ({ language: useContext(LanguageContext) });

interface Props {
  /** Of the person who is signed in. */
  own: string | undefined;
  german: German | undefined;
  children: ReactNode;
}

/** Gives what is inside its words; a change shows at once. */
export function Words({ own, german = "du", children }: Props) {
  const language = speaks(own ?? localStorage.getItem(spoken) ?? navigator.language, german);
  const [loaded, setLoaded] = useState<{ language: PageLanguage; messages: Record<string, string> }>();
  useEffect(() => {
    let current = true;
    void load(language).then((messages) => current && setLoaded({ language, messages }));
    if (own) localStorage.setItem(spoken, closest(own));
    return () => {
      current = false;
    };
  }, [language, own]);
  const locale = loaded?.language.startsWith("de") ? "de" : "en";
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  if (!loaded) return null;
  return (
    <LanguageContext value={loaded.language}>
      <IntlProvider locale={locale} messages={loaded.messages}>
        {children}
      </IntlProvider>
    </LanguageContext>
  );
}

type Value = string | number | Date;

// Signs that turn the direction of what follows (Unicode, UAX 9): a name with one
// would turn the sentence that it stands in.
const turns = /[\u202a-\u202e\u2066-\u2069]/g;
const plain = (values?: Record<string, Value>) =>
  values && Object.fromEntries(Object.entries(values).map(([name, v]) => [name, typeof v === "string" ? v.replace(turns, "") : v]));

/** The words of a message in the reader's language. */
export function useT(): (id: MessageId, values?: Record<string, Value>) => string {
  const intl = useIntl();
  return useCallback((id, values) => intl.formatMessage({ id }, plain(values)), [intl]);
}

/** A message with elements in the places of its values. */
export function T({ id, ...values }: { id: MessageId } & Record<string, ReactNode>) {
  const shown = Object.entries(values).map(([name, v]) => [name, typeof v === "string" ? <bdi key={name}>{v}</bdi> : v]);
  return <>{useIntl().formatMessage({ id }, Object.fromEntries(shown))}</>;
}

export type { IntlShape };
