import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useNavigate } from "react-router";
import { membership, read } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { UnitInput } from "../ui/choosing";
import { SelectInput, TextInput } from "../ui/fields";
import { Failure } from "../ui/states";
import { OrganisationPage } from "./Organisation";

const empty = { name: "", email: "", login: "", staff_number: "", unit: "", site: "", language: "" };
type Draft = typeof empty;

/** One person, where a whole file would be too much. */
export function OrganisationPersonNew() {
  const t = useT();
  const navigate = useNavigate();
  const [draft, keep, forget] = useDraft<Draft>("org.person", empty);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => keep({ ...draft, ...change });
  const register = useCommand((d: Draft, key) => {
    const { name, ...others } = d;
    const said = Object.fromEntries(Object.entries(others).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v));
    return read(membership.POST("/people", { params: { header: command(key) }, body: { name: name.trim(), ...said } }));
  });
  const reachable = Boolean(draft.email.trim() || draft.login.trim());
  const send = () => {
    setTried(true);
    if (!draft.name.trim() || !reachable) return;
    register.mutate(draft, { onSuccess: forget, here: ({ id }) => void navigate(`/organisation/people/${id}`) });
  };
  return (
    <OrganisationPage title={t("org.person.new")} lead={<p className="muted">{t("org.person.new.lead")}</p>}>
      <form
        className="column"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          send();
        }}
      >
        <TextInput label={t("org.person.name")} value={draft.name} onChange={(name) => set({ name })} max={200} wrong={tried && !draft.name.trim() ? t("org.person.name.missing") : undefined} />
        <TextInput label={t("profile.email")} value={draft.email} onChange={(email) => set({ email })} max={254} wrong={tried && !reachable ? t("org.person.email.missing") : undefined} />
        <TextInput label={t("org.person.login")} hint={t("org.person.login.hint")} value={draft.login} onChange={(login) => set({ login })} max={254} />
        <TextInput label={t("org.person.number")} hint={t("org.person.number.hint")} value={draft.staff_number} onChange={(staff_number) => set({ staff_number })} max={64} />
        <UnitInput label={t("people.unit")} value={draft.unit} onChange={(unit) => set({ unit })} />
        <TextInput label={t("org.person.site")} value={draft.site} onChange={(site) => set({ site })} max={100} />
        <SelectInput
          label={t("filter.language")}
          value={draft.language}
          onChange={(language) => set({ language })}
          options={[
            { value: "", words: t("org.person.language.usual") },
            { value: "de", words: t("language.de") },
            { value: "en", words: t("language.en") },
          ]}
        />
        {register.isError && <Failure error={register.error} typed />}
        <Button type="submit" className="button primary" isDisabled={register.isPending}>
          {t("org.person.new.do")}
        </Button>
      </form>
    </OrganisationPage>
  );
}
