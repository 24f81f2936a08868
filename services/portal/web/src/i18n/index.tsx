import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { IntlProvider, useIntl, type IntlShape } from "react-intl";
import type german from "./messages/de.json";

export type MessageId = keyof typeof german;

/** The languages of the pages. "de" says du, "de-x-sie" says Sie. */
export const languages = ["de", "de-x-sie", "en"] as const;
export type PageLanguage = (typeof languages)[number];

const chosen = "kith.language";

/** The language that was chosen on this device, else the closest to what is preferred. */
export function firstLanguage(preferred: string): PageLanguage {
  const own = languages.find((l) => l === localStorage.getItem(chosen));
  return own ?? (preferred.toLowerCase().startsWith("de") ? "de" : "en");
}

async function load(language: PageLanguage): Promise<Record<string, string>> {
  if (language === "en") return (await import("./messages/en.json")).default;
  const du = (await import("./messages/de.json")).default;
  return language === "de" ? du : { ...du, ...(await import("./messages/de-x-sie.json")).default };
}

interface Choice {
  language: PageLanguage;
  choose: (language: PageLanguage) => void;
}

const LanguageContext = createContext<Choice>({ language: "en", choose: () => undefined });

export const useLanguage = () => useContext(LanguageContext);

/** Gives what is inside its words; a change shows at once. */
export function Words({ preferred, children }: { preferred: string; children: ReactNode }) {
  const [language, setLanguage] = useState(() => firstLanguage(preferred));
  const [loaded, setLoaded] = useState<{ language: PageLanguage; messages: Record<string, string> }>();
  useEffect(() => {
    let current = true;
    void load(language).then((messages) => current && setLoaded({ language, messages }));
    return () => {
      current = false;
    };
  }, [language]);
  const choice = useMemo(
    () => ({
      language,
      choose: (next: PageLanguage) => {
        localStorage.setItem(chosen, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  const locale = loaded?.language.startsWith("de") ? "de" : "en";
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  if (!loaded) return null;
  return (
    <LanguageContext value={choice}>
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
