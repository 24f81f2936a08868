import { useIntl } from "react-intl";
import { useT } from "../i18n";
import { SelectInput } from "../ui/fields";

/** The language of a community: those that the pages have, and whichever it has already. */
export function LanguageInput({ value, onChange }: { value: string; onChange: (language: string) => void }) {
  const t = useT();
  const intl = useIntl();
  const options = [...new Set(["de", "en", value])].map((l) => ({ value: l, words: intl.formatDisplayName(l, { type: "language" }) ?? l }));
  return <SelectInput label={t("filter.language")} value={value} onChange={onChange} options={options} />;
}
