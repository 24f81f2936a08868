import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";
import { PersonInput } from "../ui/choosing";
import { Choice } from "../ui/fields";
import { Failure } from "../ui/states";
import { givable, useGrant, type Role } from "./OrganisationRolesOf";
import { WhyInput } from "./OrganisationWhy";

/** Gives somebody a role in the organisation. */
export function GiveRole({ say, close }: { say: (words: string) => void; close: (given: boolean) => void }) {
  const t = useT();
  const [person, setPerson] = useState("");
  const [role, setRole] = useState<Role | "">("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const grant = useGrant();
  const give = () => {
    setTried(true);
    if (person && role) grant.mutate({ person, role, reason }, { onSuccess: () => (close(true), say(t("org.role.given.short", { role: t(`org.role.${role}`) }))) });
  };
  return (
    <form
      className="quietbox section"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        give();
      }}
    >
      <PersonInput autoFocus label={t("org.role.give.whom")} value={person} onChange={setPerson} wrong={tried && !person ? t("org.role.give.whom.missing") : undefined} />
      <Choice
        label={t("org.role.give.which")}
        value={role}
        onChange={setRole}
        options={givable.map((r) => ({
          value: r,
          words: (
            <>
              {t(`org.role.${r}`)}
              <span className="small muted option-about">{t(`org.role.${r}.about`)}</span>
            </>
          ),
        }))}
        wrong={tried && !role ? t("org.role.give.which.missing") : undefined}
      />
      <WhyInput value={reason} onChange={setReason} />
      {grant.isError && <Failure error={grant.error} />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={grant.isPending}>
          {t("org.role.give")}
        </Button>
        <Button className="button quiet" onPress={() => close(false)}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
