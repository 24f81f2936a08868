import { Button } from "react-aria-components/Button";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { AskFirst } from "../ui/AskFirst";
import { Failure } from "../ui/states";

interface Props {
  person: Membership["Person"];
  say: (words: string) => void;
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
