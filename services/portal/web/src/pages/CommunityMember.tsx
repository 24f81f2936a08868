import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Choice } from "../ui/fields";
import { focusHeading } from "../ui/focus";
import { ReasonForm } from "../ui/ReasonForm";
import { Failure } from "../ui/states";
import type { Detail } from "./CommunityPage";

const roles = ["host", "core", "sponsor", "member", "peripheral", "guest"] as const;

interface Props {
  detail: Detail;
  member: Membership["Member"];
  close: () => void;
  /** What was done, in words. */
  done: (words: string) => void;
}

/** What a host does about one member: another role, or the end of the membership. */
export function MemberDialog({ detail: { community: c, role: own }, member, close, done }: Props) {
  const t = useT();
  const self = usePerson().person === member.person;
  const name = member.name ?? t("person.former");
  const [role, setRole] = useState(member.role);
  const [removing, setRemoving] = useState<boolean>(); // false: it was thought better of
  const path = { community: c.id, person: member.person };
  const change = useCommand((to: Membership["CommunityRole"], key) =>
    read(membership.POST("/communities/{community}/members/{person}/role", { params: { path, header: command(key) }, body: { role: to } })),
  );
  const remove = useCommand((reason: string, key) =>
    read(membership.POST("/communities/{community}/members/{person}/remove", { params: { path, header: command(key) }, body: { reason } })),
  );
  const after = (words: string) => {
    done(words);
    close();
  };
  const save = () => {
    if (role === member.role) close();
    else change.mutate(role, { onSuccess: () => after(t("member.changed", { name, role: t(`role.${role}.one`) })) });
  };
  return (
    <ModalOverlay className="modal-back" isOpen isDismissable onOpenChange={(open) => !open && close()}>
      <Modal className="modal">
        <Dialog>
          <Heading slot="title">{name}</Heading>
          {removing ? (
            <ReasonForm
              draft={`remove.${c.id}.${member.person}`}
              meaning={t("member.remove.means", { name })}
              label={t("waiting.reason")}
              missing={t("waiting.reason.missing")}
              does={t("member.remove")}
              busy={remove.isPending}
              failed={remove.error}
              send={(reason) => remove.mutateAsync(reason)}
              done={() => {
                after(t("member.removed", { name }));
                // Their row is gone: it goes on at the list.
                setTimeout(() => focusHeading(document.querySelector("#members")));
              }}
              cancel={() => setRemoving(false)}
            />
          ) : (
            <form
              onSubmit={(e) => {
                e.preventDefault();
                save();
              }}
            >
              <Choice label={t("member.role")} value={role} onChange={setRole} options={roles.map((r) => ({ value: r, words: <Meaning role={r} /> }))} />
              {self && member.role === "host" && role !== "host" && <p className="standing">{t("member.step_down")}</p>}
              {change.isError && <Failure error={change.error} />}
              <div className="buttons">
                <Button type="submit" className="button primary" isDisabled={change.isPending}>
                  {t("profile.save")}
                </Button>
                <Button className="button quiet" onPress={close}>
                  {t("do.cancel")}
                </Button>
                {own === "host" && !self && (
                  <Button className="button quiet apart" autoFocus={removing === false} onPress={() => setRemoving(true)}>
                    {t("member.remove")}
                  </Button>
                )}
              </div>
            </form>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Meaning({ role }: { role: Membership["CommunityRole"] }) {
  const t = useT();
  return (
    <>
      {t(`role.${role}.one`)}
      <span className="small muted unit">{t(`role.${role}.means`)}</span>
    </>
  );
}
