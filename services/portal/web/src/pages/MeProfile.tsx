import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, readTagged, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { SelectInput, TextInput } from "../ui/fields";
import { Failure, Shown } from "../ui/states";
import { topicsOf } from "./Found";

type Profile = Membership["Profile"];

const availabilities = ["available", "limited", "away"] as const;
const visibilities = ["organisation", "communities", "nobody"] as const;
const shown = ["can_help", "want_to_learn", "about", "availability", "email"] as const;

export function MyProfile() {
  const t = useT();
  const query = useQuery({
    queryKey: ["profile"],
    queryFn: () => readTagged(membership.GET("/me/profile")),
    staleTime: Infinity,
  });
  const [saved, setSaved] = useState(false);
  return (
    <section className="section" id="profile">
      <div className="head">
        <h2>{t("profile.title")}</h2>
      </div>
      <Shown query={query}>{({ data, etag }) => <Form profile={data} etag={etag} saved={saved} onSaved={() => setSaved(true)} />}</Shown>
    </section>
  );
}

interface Fields {
  canHelp: string;
  learn: string;
  about: string;
  availability: Profile["availability"];
  visibility: NonNullable<Profile["visibility"]>;
}

const fieldsOf = (p: Profile): Fields => ({
  canHelp: p.can_help?.join(", ") ?? "",
  learn: p.want_to_learn?.join(", ") ?? "",
  about: p.about ?? "",
  availability: p.availability,
  visibility: p.visibility ?? {},
});

const none: Fields | null = null;

function Form({ profile, etag, saved, onSaved }: { profile: Profile; etag: string; saved: boolean; onSaved: () => void }) {
  const t = useT();
  const [typed, keep, forget] = useDraft<Fields | null>("profile", none);
  const fields = typed ?? fieldsOf(profile);
  const set = (change: Partial<Fields>) => keep({ ...fields, ...change });
  const { canHelp, learn, about, availability, visibility } = fields;
  const change = useCommand((next: Profile, key) =>
    read(membership.PUT("/me/profile", { params: { header: { ...command(key), "If-Match": etag } }, body: next })).then(forget),
  );
  const save = () =>
    void change
      .mutateAsync({ ...profile, can_help: topicsOf(canHelp).slice(0, 30), want_to_learn: topicsOf(learn).slice(0, 30), about: about.trim(), availability, visibility })
      .then(onSaved, () => undefined);
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <TextInput label={t("profile.can_help")} hint={t("profile.topics.hint")} value={canHelp} onChange={(v) => set({ canHelp: v })} max={3000} />
      <TextInput label={t("profile.want_to_learn")} hint={t("profile.topics.hint")} value={learn} onChange={(v) => set({ learn: v })} max={3000} />
      <TextInput label={t("profile.about")} lines value={about} onChange={(v) => set({ about: v })} max={2000} />
      <SelectInput label={t("profile.availability")} value={availability} onChange={(v) => set({ availability: v as Profile["availability"] })} options={availabilities.map((a) => ({ value: a, words: t(`availability.${a}`) }))} />
      <fieldset>
        <legend>{t("profile.visibility")}</legend>
        <div className="pairs">
          {shown.map((field) => (
            <SelectInput
              key={field}
              label={t(`profile.${field}`)}
              value={visibility[field] ?? "organisation"}
              onChange={(v) => set({ visibility: { ...visibility, [field]: v as Membership["Visibility"] } })}
              options={visibilities.map((v) => ({ value: v, words: t(`visibility.${v}`) }))}
            />
          ))}
        </div>
      </fieldset>
      {change.isError && <Failure error={change.error} typed theirs={() => (forget(), change.reset())} />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={change.isPending}>
          {t("profile.save")}
        </Button>
        <span role="status" className="small muted">
          {saved && !change.isPending && !change.isError ? t("profile.saved") : ""}
        </span>
      </div>
    </form>
  );
}
