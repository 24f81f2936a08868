import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { membership, read } from "../api/client";
import { command, kept, useCommand } from "../api/queries";
import type { Session } from "../api/session";
import { usePerson } from "../app/context";
import { applyTheme, theme, themes, type Theme } from "../app/theme";
import { closest, languages, useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { Failure } from "../ui/states";

/** In which language Kith speaks and writes, and how it looks on this device; saved as it is chosen. */
export function MySettings() {
  const t = useT();
  const client = useQueryClient();
  const { language } = usePerson();
  const [look, setLook] = useState<Theme>(theme);
  const change = useCommand((next: string, key) =>
    read(membership.PUT("/me/settings", { params: { header: command(key) }, body: { language: next } })).then(() =>
      client.setQueryData<Session | null>([kept, "session"], (s) => s && { ...s, language: next }),
    ),
  );
  return (
    <section className="section">
      <div className="head">
        <h2>{t("me.settings")}</h2>
      </div>
      <SelectInput
        label={t("filter.language")}
        hint={t("me.language.hint")}
        value={closest(change.isPending ? change.variables : language)}
        onChange={(l) => change.mutate(l)}
        options={languages.map((l) => ({ value: l, words: t(`language.${l}`) }))}
      />
      {change.isError && <Failure error={change.error} />}
      <SelectInput
        label={t("me.look")}
        hint={t("me.look.hint")}
        value={look}
        onChange={(next) => {
          applyTheme(next as Theme);
          setLook(next as Theme);
        }}
        options={themes.map((one) => ({ value: one, words: t(`look.${one}`) }))}
      />
    </section>
  );
}
