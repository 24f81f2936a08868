import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membership, readTagged, read, type Membership } from "../api/client";
import { useMe } from "../api/names";
import { command, useCommand } from "../api/queries";
import { usePerson } from "../app/context";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { SelectInput, TextInput } from "../ui/fields";
import { SpokenLanguages } from "../ui/SpokenLanguages";
import { Failure, Shown } from "../ui/states";
import { topicsOf } from "./Found";
import { Mine } from "./Me";
import { MyAdministration } from "./MeAdministration";
import { MySettings } from "./MeSettings";

type Profile = Membership["Profile"];
type Seen = NonNullable<Profile["visibility"]>;

const availabilities = ["available", "limited", "away"] as const;
const visibilities = ["organisation", "communities", "nobody"] as const;

export function MeProfile() {
  const t = useT();
  const { name, person } = usePerson();
  const query = useQuery({
    queryKey: ["profile"],
    queryFn: () => readTagged(membership.GET("/me/profile")),
    staleTime: Infinity,
  });
  const [saved, setSaved] = useState(false);
  return (
    <Mine title={name} lead={<p><Link to={`/people/${person}`}>{t("me.seen")}</Link></p>}>
      <section className="section">
        <div className="head">
          <h2>{t("profile.title")}</h2>
        </div>
        <Shown query={query}>{({ data, etag }) => <Form profile={data} etag={etag} saved={saved} onSaved={() => setSaved(true)} />}</Shown>
      </section>
      <MySettings />
      <MyAdministration />
    </Mine>
  );
}

interface Fields {
  canHelp: string;
  learn: string;
  about: string;
  languages: string[];
  availability: Profile["availability"];
  visibility: Seen;
}

const fieldsOf = (p: Profile): Fields => ({
  canHelp: p.can_help?.join(", ") ?? "",
  learn: p.want_to_learn?.join(", ") ?? "",
  about: p.about ?? "",
  languages: p.languages ?? [],
  availability: p.availability,
  visibility: p.visibility ?? {},
});

const none: Partial<Fields> | null = null;

function Form({ profile, etag, saved, onSaved }: { profile: Profile; etag: string; saved: boolean; onSaved: () => void }) {
  const t = useT();
  const email = useMe().data?.person.email;
  const [typed, keep, forget] = useDraft<Partial<Fields> | null>("profile", none);
  const fields = { ...fieldsOf(profile), ...typed };
  const set = (change: Partial<Fields>) => keep({ ...fields, ...change });
  const { canHelp, learn, about, languages, availability, visibility } = fields;
  const change = useCommand((next: Profile, key) =>
    read(membership.PUT("/me/profile", { params: { header: { ...command(key), "If-Match": etag } }, body: next })).then(forget),
  );
  const save = () =>
    void change
      .mutateAsync({ can_help: topicsOf(canHelp).slice(0, 30), want_to_learn: topicsOf(learn).slice(0, 30), about: about.trim(), languages, availability, visibility })
      .then(onSaved, () => undefined);
  const seen = (field: keyof Seen, input: ReactNode) => (
    <div className="with-seen">
      {input}
      <SelectInput
        bare
        label={t("profile.seen", { field: t(`profile.${field}`) })}
        value={visibility[field] ?? "organisation"}
        onChange={(v) => set({ visibility: { ...visibility, [field]: v as Membership["Visibility"] } })}
        options={visibilities.map((v) => ({ value: v, words: t(`seen.${v}`) }))}
      />
    </div>
  );
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      {seen("can_help", <TextInput label={t("profile.can_help")} hint={t("profile.topics.hint")} value={canHelp} onChange={(v) => set({ canHelp: v })} max={3000} />)}
      {seen("want_to_learn", <TextInput label={t("profile.want_to_learn")} hint={t("profile.topics.hint")} value={learn} onChange={(v) => set({ learn: v })} max={3000} />)}
      {seen("about", <TextInput label={t("profile.about")} lines value={about} onChange={(v) => set({ about: v })} max={2000} />)}
      {seen("languages", <SpokenLanguages value={languages} onChange={(v) => set({ languages: v })} />)}
      {seen("availability", <SelectInput label={t("profile.availability")} value={availability} onChange={(v) => set({ availability: v as Profile["availability"] })} options={availabilities.map((a) => ({ value: a, words: t(`availability.${a}`) }))} />)}
      {email && seen("email", <div className="field"><strong>{t("profile.email")}</strong><span>{email}</span></div>)}
      {change.isError && <Failure error={change.error} typed theirs={() => (forget(), change.reset())} />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={change.isPending}>
          {t("profile.save")}
        </Button>
        <span role="status" className="small muted">
          {saved && !typed && !change.isPending && !change.isError ? t("profile.saved") : ""}
        </span>
      </div>
    </form>
  );
}
