import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useForgetNames } from "../api/units";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { UnitInput } from "../ui/choosing";
import { AskFirst } from "../ui/AskFirst";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";

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
  const [tried, setTried] = useState(false);
  const move = useCommand((to: Membership["Affiliation"], key) =>
    read(membership.POST("/people/{person}/move", { params: { path: { person: person.id }, header: command(key) }, body: to })),
  );
  const same = unit === (person.unit ?? "") && site.trim() === (person.site ?? "");
  const send = () => {
    setTried(true);
    if (!unit || same) return;
    const done = () => (setTried(false), void forget(), say(t("org.move.done")));
    move.mutate({ unit, ...(site.trim() ? { site: site.trim() } : {}) }, { onSuccess: done });
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

/** Ends what the person may do here, or lets them in again. */
export function Blocking({ person, say }: Props) {
  const t = useT();
  const own = usePerson().person === person.id;
  const path = { person: person.id };
  const deactivate = useCommand((_: "deactivate", key) => read(membership.POST("/people/{person}/deactivate", { params: { path, header: command(key) } })));
  const reactivate = useCommand((_: "reactivate", key) => read(membership.POST("/people/{person}/reactivate", { params: { path, header: command(key) } })));
  const auditor = person.roles?.includes("auditor");
  return (
    <section className="section">
      <div className="head">
        <h2>{t("org.access.title")}</h2>
      </div>
      {auditor && <p className="muted">{t("org.access.auditor")}</p>}
      {own && !auditor && <p className="muted">{t("org.access.own")}</p>}
      {person.active && !auditor && !own && (
        <AskFirst
          alone
          label={t("org.deactivate.do")}
          sure={t("org.deactivate.sure")}
          words={t("org.deactivate.about", { name: person.name ?? "" })}
          busy={deactivate.isPending}
          error={deactivate.error}
          onSure={() => deactivate.mutate("deactivate", { onSuccess: () => say(t("org.deactivate.done")) })}
        />
      )}
      {!person.active && (
        <>
          <p className="muted about">{t("org.reactivate.about")}</p>
          {reactivate.isError && <Failure error={reactivate.error} />}
          <Button className="button" isDisabled={reactivate.isPending} onPress={() => reactivate.mutate("reactivate", { onSuccess: () => say(t("org.reactivate.done")) })}>
            {t("org.reactivate.do")}
          </Button>
        </>
      )}
    </section>
  );
}
