import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read, readAll, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { Opening } from "../ui/Opening";
import { Failure, Shown } from "../ui/states";
import { WhyForm, WhyInput, because } from "./OrganisationWhy";

export type Role = Membership["OrganisationRole"];
export type Holder = Membership["RoleHolder"];

/** Every role in the organisation; those that can be given here. */
export const roles = ["coordinator", "connector", "ombudsperson", "administrator", "auditor"] as const satisfies readonly Role[];
export const givable = roles.filter((r) => r !== "auditor");

/** Who has which role. */
export function useHolders() {
  return useQuery({
    queryKey: ["roles"],
    queryFn: () => readAll((cursor) => read(membership.GET("/roles", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } }))),
  });
}

export function useGrant() {
  return useCommand((to: { person: string; role: Role; reason: string }, key) =>
    read(membership.POST("/people/{person}/roles", { params: { path: { person: to.person }, header: command(key) }, body: { role: to.role, ...because(to.reason) } })),
  );
}

/** Takes a role away, or says why that cannot be done here. */
export function Taking({ holder, say }: { holder: Holder; say: (words: string) => void }) {
  const t = useT();
  const role = t(`org.role.${holder.role}`);
  const name = holder.name ?? t("person.someone");
  const take = useCommand((reason: string, key) =>
    read(membership.POST("/people/{person}/roles/{role}/revoke", { params: { path: { person: holder.person, role: holder.role }, header: command(key) }, body: because(reason) })),
  );
  if (holder.role === "auditor" || holder.configured) return <p className="small muted fixed">{t("org.role.fixed")}</p>;
  const without = t(`org.role.${holder.role}.without`, { name });
  return (
    <Opening words={t("org.role.take")} label={t("org.role.take.named", { role, name })} className="button quiet">
      {(close) => (
        <WhyForm
          draft={`revoke.${holder.person}.${holder.role}`}
          meaning={without}
          does={t("org.role.take.sure")}
          act={take}
          done={() => say(t("org.role.taken", { role, name }))}
          cancel={close}
        />
      )}
    </Opening>
  );
}

/** The roles of one person. */
export function RolesOf({ person, say }: { person: Membership["Person"]; say: (words: string) => void }) {
  const t = useT();
  const query = useHolders();
  const [role, setRole] = useState<Role | "">("");
  const [reason, setReason] = useState("");
  const grant = useGrant();
  return (
    <section className="section">
      <div className="head">
        <h2>{t("org.roles")}</h2>
      </div>
      <Shown query={query}>
        {(all) => {
          const held = all.filter((h) => h.person === person.id);
          const others = givable.filter((r) => !held.some((h) => h.role === r));
          const give = () => {
            if (role) grant.mutate({ person: person.id, role, reason }, { onSuccess: () => (setRole(""), setReason(""), say(t("org.role.given", { role: t(`org.role.${role}`), name: person.name ?? "" }))) });
          };
          return (
            <>
              {held.length === 0 && <p className="muted about">{t("org.roles.none")}</p>}
              <ul className="rows about">
                {held.map((h) => (
                  <li key={h.role} className="with-act">
                    <div>
                      <strong>{t(`org.role.${h.role}`)}</strong>
                      <p className="small muted">{t(`org.role.${h.role}.about`)}</p>
                    </div>
                    <Taking holder={h} say={say} />
                  </li>
                ))}
              </ul>
              {others.length > 0 && (
                <form
                  onSubmit={(e) => {
                    e.preventDefault();
                    give();
                  }}
                >
                  <SelectInput
                    label={t("org.role.give.which")}
                    hint={role ? t(`org.role.${role}.about`) : undefined}
                    value={role}
                    onChange={(r) => setRole(r as Role | "")}
                    options={[{ value: "", words: t("org.role.none") }, ...others.map((r) => ({ value: r, words: t(`org.role.${r}`) }))]}
                  />
                  {role && <WhyInput value={reason} onChange={setReason} />}
                  {grant.isError && <Failure error={grant.error} />}
                  <Button type="submit" className="button" isDisabled={grant.isPending || !role}>
                    {t("org.role.give")}
                  </Button>
                </form>
              )}
            </>
          );
        }}
      </Shown>
    </section>
  );
}
