import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useForgetNames } from "../api/units";
import { useT } from "../i18n";
import { UnitInput } from "../ui/choosing";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";
import { WhyInput, because } from "./OrganisationWhy";

interface Props {
  person: Membership["Person"];
  say: (words: string) => void;
}

/** To another unit or site. */
export function Moving({ person, say }: Props) {
  const t = useT();
  const forget = useForgetNames();
  const [unit, setUnit] = useState(person.unit ?? "");
  const [site, setSite] = useState(person.site ?? "");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const move = useCommand((to: Membership["Affiliation"], key) =>
    read(membership.POST("/people/{person}/move", { params: { path: { person: person.id }, header: command(key) }, body: to })),
  );
  const same = unit === (person.unit ?? "") && site.trim() === (person.site ?? "");
  const send = () => {
    setTried(true);
    if (!unit || same) return;
    const done = () => (setTried(false), setReason(""), void forget(), say(t("org.move.done")));
    move.mutate({ unit, ...(site.trim() ? { site: site.trim() } : {}), ...because(reason) }, { onSuccess: done });
  };
  return (
    <section className="section">
      <div className="head">
        <h2>{t("org.move.title")}</h2>
      </div>
      <p className="muted about">{t("org.move.about")}</p>
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          send();
        }}
      >
        <UnitInput label={t("people.unit")} value={unit} onChange={setUnit} wrong={tried && !unit ? t("org.move.unit.missing") : undefined} />
        <TextInput label={t("org.person.site")} value={site} onChange={setSite} max={100} />
        <WhyInput value={reason} onChange={setReason} />
        {move.isError && <Failure error={move.error} typed />}
        <div className="buttons">
          <Button type="submit" className="button" isDisabled={move.isPending}>
            {t("org.move.do")}
          </Button>
          <span role="status" className="small muted">
            {tried && unit && same ? t("org.move.same") : ""}
          </span>
        </div>
      </form>
    </section>
  );
}
