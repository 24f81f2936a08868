import { useIntl } from "react-intl";
import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";
import { SelectInput } from "./fields";

// What people in European organisations speak most; others come from imports or the API.
const offered = ["ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "hr", "hu", "it", "ja", "ku", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk", "vi", "zh"];
const most = 10;
const cross = "\u00d7";

/** The languages that somebody speaks, to add to and take from. */
export function SpokenLanguages({ value, onChange }: { value: readonly string[]; onChange: (next: string[]) => void }) {
  const t = useT();
  const intl = useIntl();
  const named = (tag: string) => intl.formatDisplayName(tag, { type: "language", fallback: "code" }) ?? tag;
  const rest = offered.filter((l) => !value.includes(l)).map((l) => ({ value: l, words: named(l) }));
  rest.sort((a, b) => a.words.localeCompare(b.words, intl.locale));
  return (
    <div className="spoken">
      <SelectInput
        label={t("profile.languages")}
        value=""
        onChange={(l) => l && value.length < most && onChange([...value, l])}
        options={[{ value: "", words: t("profile.languages.add") }, ...rest]}
      />
      <ul className="chosen" aria-label={t("profile.languages.own")}>
        {value.map((l) => (
          <li key={l}>
            {named(l)}
            <Button className="remove" aria-label={t("profile.languages.remove", { language: named(l) })} onPress={() => onChange(value.filter((other) => other !== l))}>
              <span aria-hidden="true">{cross}</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
