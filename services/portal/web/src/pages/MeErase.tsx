import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membership, read } from "../api/client";
import { command, useCommand } from "../api/queries";
import { leave } from "../api/session";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Choice, TextInput } from "../ui/fields";
import { Failure } from "../ui/states";
import { Mine } from "./Me";
import { HostedAlone } from "./MeHosting";

const texts = ["stay", "go"] as const;
type Texts = (typeof texts)[number];

/** Erasing oneself: what goes, what stays, and one's own name as the word that it is meant. */
export function MeErase() {
  const t = useT();
  const { name } = usePerson();
  const [choice, setChoice] = useState<Texts | "">("");
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const same = (a: string) => a.trim().replace(/\s+/g, " ").toLocaleLowerCase();
  const meant = same(typed) === same(name);
  const erase = useCommand(async (what: Texts, key) => {
    await read(membership.POST("/me/erase", { params: { header: command(key) }, body: { texts: what === "go" } }));
    await leave("logout").catch(() => undefined); // the session has ended with the person
    location.assign(what === "go" ? "/erased?texts" : "/erased");
  });
  const gone = erase.isPending || erase.isSuccess;
  return (
    <Mine title={t("erase.title")} lead={<p>{t("erase.lead")}</p>}>
      <section className="section">
        <h2>{t("erase.goes")}</h2>
        <ul className="bullets">
          <li>{t("erase.goes.identity")}</li>
          <li>{t("erase.goes.access")}</li>
          <li>{t("erase.goes.requests")}</li>
          <li>{t("erase.goes.memberships")}</li>
        </ul>
      </section>
      <section className="section">
        <h2>{t("erase.stays")}</h2>
        <ul className="bullets">
          <li>{t("erase.stays.facts")}</li>
          <li>{t("erase.stays.backup")}</li>
        </ul>
        <p className="more">
          <Link to="/me/data">{t("erase.take")}</Link>
        </p>
      </section>
      <HostedAlone />
      <form
        onSubmit={(e) => {
          e.preventDefault();
          setTried(true);
          if (choice && meant) erase.mutate(choice);
        }}
      >
        <Choice
          label={t("erase.texts")}
          value={choice}
          onChange={setChoice}
          options={texts.map((v) => ({ value: v, words: t(`erase.texts.${v}`) }))}
          wrong={tried && !choice ? t("erase.texts.missing") : undefined}
        />
        <TextInput label={t("erase.confirm", { name })} hint={t("erase.confirm.hint")} value={typed} onChange={setTyped} max={200} wrong={tried && !meant ? t("erase.confirm.wrong", { name }) : undefined} />
        {erase.isError && <Failure error={erase.error} />}
        <div className="buttons">
          <Button type="submit" className="button danger" isDisabled={gone}>
            {t("erase.do")}
          </Button>
          <Link className="button quiet" to="/me/data">
            {t("do.cancel")}
          </Link>
        </div>
      </form>
    </Mine>
  );
}
