import { useEffect, useRef } from "react";
import { Button } from "react-aria-components/Button";
import { useIntl } from "react-intl";
import { useT } from "../i18n";
import type { Field, Fields, Merged } from "./settings";

interface Props extends Merged {
  base: Fields;
  now: Fields;
  /** Takes what the other one wrote. */
  take: (field: Field) => void;
}

/** What somebody else changed while one was typing: what was there, what is there now, and whose stays. */
export function Meanwhile({ theirs, both, base, now, take }: Props) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const words = useWords();
  return (
    <section className="standing">
      <h2 ref={heading} tabIndex={-1}>
        {t("settings.meanwhile")}
      </h2>
      <p>{t("settings.meanwhile.words")}</p>
      <dl className="meanwhile">
        {theirs.map((n) => (
          <div key={n}>
            <dt>{n === "language" ? t("filter.language") : n === "kind" ? t("settings.kind") : t(`found.${n}`)}</dt>
            <dd>
              {base[n] && (
                <del>
                  <span className="unseen">{t("charter.diff.delete")} </span>
                  {words(n, base)}
                </del>
              )}
              {now[n] && (
                <ins>
                  <span className="unseen">{t("charter.diff.insert")} </span>
                  {words(n, now)}
                </ins>
              )}
              {both.includes(n) ? (
                <Button className="button" onPress={() => take(n)}>
                  {t("settings.meanwhile.take")}
                </Button>
              ) : (
                <span className="small muted unit">{t("settings.meanwhile.taken")}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** A value as the form says it. */
function useWords() {
  const t = useT();
  const intl = useIntl();
  return (n: Field, f: Fields): string => {
    switch (n) {
      case "joining":
        return t(`found.joining.${f.joining}`);
      case "visibility":
        return t(`found.visibility.${f.visibility}`);
      case "kind":
        return t(`settings.kind.${f.kind}`);
      case "language":
        return intl.formatDisplayName(f.language, { type: "language" }) ?? f.language;
      default:
        return f[n];
    }
  };
}
