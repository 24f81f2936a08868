import type { UseQueryResult } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read, type Communities, type Membership } from "../api/client";
import { Problem } from "../api/problem";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { T, useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { focusHeading } from "../ui/focus";
import { Opening } from "../ui/Opening";
import { Name, UnitName } from "../ui/people";
import { Failure, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { FindPeople, type Found } from "./FindPeople";

type Invitation = Membership["Invitation"];

/** For hosts and core members: several people are asked whether they want to join. */
export function Inviting({ community: c, invited }: { community: Communities["Community"]; invited: readonly Invitation[] }) {
  const t = useT();
  const [said, setSaid] = useState("");
  return (
    <section className="section">
      <Opening words={t("invite.do")} className="button primary">
        {(close) => <InviteForm community={c.id} invited={invited} close={close} said={setSaid} />}
      </Opening>
      <p role="status" className="small muted">
        {said}
      </p>
    </section>
  );
}

interface Props {
  community: string;
  invited: readonly Invitation[];
  close: () => void;
  said: (words: string) => void;
}

function InviteForm({ community, invited, close, said }: Props) {
  const t = useT();
  const [draft, keep, forget] = useDraft<{ people: Found[]; message: string }>(`invite.${community}`, { people: [], message: "" });
  const [failed, setFailed] = useState<{ name: string; error: unknown }[]>([]);
  const [tried, setTried] = useState(false);
  const invite = useCommand((body: Membership["NewInvitation"], key) =>
    read(membership.POST("/communities/{community}/invitations", { params: { path: { community }, header: command(key) }, body })),
  );
  const { people, message } = draft;
  const send = async () => {
    setTried(true);
    if (people.length === 0) return;
    const wrong: typeof failed = [];
    const left: Found[] = [];
    for (const p of people) {
      const text = message.trim();
      await invite.mutateAsync({ person: p.id, ...(text && { message: text }) }).catch((error: unknown) => {
        wrong.push({ name: p.name, error });
        left.push(p);
      });
    }
    const names = people.filter((p) => !left.includes(p)).map((p) => p.name);
    said(names.length > 0 ? t("invite.sent", { names: names.join(", ") }) : "");
    setFailed(wrong);
    if (wrong.length > 0) return keep({ people: left, message });
    forget();
    close();
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      <h2>{t("invite.do")}</h2>
      <p className="muted">{t("invite.words")}</p>
      <FindPeople chosen={people} taken={invited.map((i) => i.person)} choose={(next) => (setFailed([]), keep({ people: next, message }))} wrong={tried && people.length === 0 ? t("invite.missing") : undefined} />
      <TextInput label={t("invite.message")} lines value={message} onChange={(m) => keep({ people, message: m })} max={2000} />
      {failed.map(({ name, error }) => (
        <NotInvited key={name} name={name} error={error} />
      ))}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={invite.isPending}>
          {people.length === 0 ? t("invite.do") : t("invite.send", { count: people.length })}
        </Button>
        <Button className="button quiet" onPress={() => (forget(), close())}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}

/** Somebody who is a member, or has asked to be, cannot be invited: there is a shorter way. */
function NotInvited({ name, error }: { name: string; error: unknown }) {
  const t = useT();
  if (error instanceof Problem && error.code === "conflict") return <p className="wrong" role="alert">{t("invite.conflict", { name })}</p>;
  return <Failure error={error} typed />;
}

/** Who has been invited and has not answered. */
export function OpenInvitations({ community, query }: { community: string; query: UseQueryResult<Membership["InvitationPage"]> }) {
  const t = useT();
  if (query.data?.items.length === 0) return null;
  return (
    <section className="section" id="invited">
      <div className="head">
        <h2>{t("invite.open")}</h2>
      </div>
      <Shown query={query}>
        {({ items }) => (
          <ul className="rows">
            {items.map((i) => (
              <li key={i.person} data-row className="invited">
                <Row invitation={i} community={community} />
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </section>
  );
}

function Row({ invitation: i, community }: { invitation: Invitation; community: string }) {
  const t = useT();
  const here = useRef<HTMLDivElement>(null);
  const withdraw = useCommand((_: "withdraw", key) =>
    read(membership.DELETE("/communities/{community}/invitations/{person}", { params: { path: { community, person: i.person }, header: command(key) } })),
  );
  const take = () => {
    const section = here.current?.closest("section");
    void withdraw.mutateAsync("withdraw").then(() => focusHeading(section), () => undefined);
  };
  return (
    <>
      <div ref={here}>
        <Name id={i.person} />
        <div className="meta">
          <span>
            <UnitName id={i.unit} />
          </span>
          <span>
            <T id="invitations.by" name={<Name id={i.by} />} />
          </span>
          <Time at={i.invited} />
        </div>
        {i.message && <p className="muted small">{i.message}</p>}
      </div>
      <Button className="button quiet" isDisabled={withdraw.isPending} onPress={take} aria-label={t("invite.withdraw.of", { name: i.name ?? "" })}>
        {t("invite.withdraw")}
      </Button>
      {withdraw.isError && <Failure error={withdraw.error} />}
    </>
  );
}
