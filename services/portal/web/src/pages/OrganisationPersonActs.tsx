import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Opening } from "../ui/Opening";
import { WhyForm, because } from "./OrganisationWhy";

interface Props {
  person: Membership["Person"];
  say: (words: string) => void;
}

/** Ends what the person may do here, or lets them in again. */
export function Blocking({ person, say }: Props) {
  const t = useT();
  const own = usePerson().person === person.id;
  const path = { person: person.id };
  const deactivate = useCommand((reason: string, key) => read(membership.POST("/people/{person}/deactivate", { params: { path, header: command(key) }, body: because(reason) })));
  const reactivate = useCommand((reason: string, key) => read(membership.POST("/people/{person}/reactivate", { params: { path, header: command(key) }, body: because(reason) })));
  const auditor = person.roles?.includes("auditor");
  return (
    <section className="section">
      <div className="head">
        <h2>{t("org.access.title")}</h2>
      </div>
      {auditor && <p className="muted">{t("org.access.auditor")}</p>}
      {own && !auditor && <p className="muted">{t("org.access.own")}</p>}
      {person.active && !auditor && !own && (
        <Opening words={t("org.deactivate.do")}>
          {(close) => (
            <WhyForm
              draft={`deactivate.${person.id}`}
              meaning={t("org.deactivate.about", { name: person.name ?? "" })}
              does={t("org.deactivate.sure")}
              act={deactivate}
              done={() => say(t("org.deactivate.done"))}
              cancel={close}
            />
          )}
        </Opening>
      )}
      {!person.active && (
        <>
          <p className="muted about">{t("org.reactivate.about")}</p>
          <Opening words={t("org.reactivate.do")}>
            {(close) => (
              <WhyForm
                draft={`reactivate.${person.id}`}
                does={t("org.reactivate.do")}
                act={reactivate}
                done={() => say(t("org.reactivate.done"))}
                cancel={close}
              />
            )}
          </Opening>
        </>
      )}
    </section>
  );
}
