import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useIntl } from "react-intl";
import { Button } from "react-aria-components/Button";
import { membership, read, readAll } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { SelectInput, TextInput } from "../ui/fields";
import { Empty, Failure, Shown } from "../ui/states";
import { AskFirst } from "../ui/AskFirst";
import { Time } from "../ui/Time";

const lives = ["30", "90", "180", "365"] as const; // days

/** One's own API tokens: to make, to copy once, to revoke. */
export function MyTokens() {
  const t = useT();
  const intl = useIntl();
  const list = useQuery({
    queryKey: ["tokens"],
    queryFn: () => readAll((cursor) => read(membership.GET("/me/tokens", { params: { query: cursor ? { cursor } : {} } }))),
  });
  const revoke = useCommand((token: string, key) => read(membership.DELETE("/tokens/{token}", { params: { path: { token }, header: command(key) } })));
  return (
    <section className="section">
      <div className="head">
        <h2>{t("tokens.title")}</h2>
      </div>
      <p className="muted">{t("tokens.words")}</p>
      <NewToken />
      <Shown query={list}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty words={t("tokens.empty")} />
          ) : (
            <ul className="rows">
              {tokens.map((one) => (
                <li key={one.id} data-row>
                  <strong>{one.name ?? t("tokens.unnamed")}</strong>
                  <div className="meta">
                    <span>
                      {t("tokens.made")} <Time at={one.created} />
                    </span>
                    <span>
                      {t("tokens.until", { date: intl.formatDate(one.expires, { dateStyle: "long" }) })}
                    </span>
                  </div>
                  <AskFirst label={t("tokens.revoke")} words={t("tokens.revoke.words")} sure={t("tokens.revoke.sure")} busy={revoke.isPending} error={revoke.variables === one.id && revoke.error} onSure={() => revoke.mutate(one.id)} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}

function NewToken() {
  const t = useT();
  const [name, setName] = useState("");
  const [life, setLife] = useState<(typeof lives)[number]>("90");
  const [missing, setMissing] = useState(false);
  const make = useCommand((body: { name: string; expires: string }, key) => read(membership.POST("/me/tokens", { params: { header: command(key) }, body })));
  return (
    <>
      <form
        className="token-form"
        onSubmit={(e) => {
          e.preventDefault();
          setMissing(!name.trim());
          if (!name.trim()) return;
          const expires = new Date(Date.now() + Number(life) * 86_400_000).toISOString();
          make.mutate({ name: name.trim(), expires }, { onSuccess: () => setName("") });
        }}
      >
        <TextInput label={t("tokens.name")} hint={t("tokens.name.hint")} value={name} onChange={setName} max={100} wrong={missing && !name.trim() ? t("tokens.name.missing") : undefined} />
        <SelectInput label={t("tokens.life")} value={life} onChange={(v) => setLife(v as typeof life)} options={lives.map((d) => ({ value: d, words: t("tokens.days", { count: Number(d) }) }))} />
        <Button type="submit" className="button" isDisabled={make.isPending}>
          {t("tokens.make")}
        </Button>
      </form>
      {make.isError && <Failure error={make.error} typed />}
      {make.data && <Issued key={make.data.id} token={make.data.token} />}
    </>
  );
}

/** The token, which is shown this once. */
function Issued({ token }: { token: string }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const [copied, setCopied] = useState<boolean>();
  useEffect(() => box.current?.focus(), []);
  return (
    <div className="issued" ref={box} tabIndex={-1} role="group" aria-label={t("tokens.issued")}>
      <p>{t("tokens.issued")}</p>
      <code>{token}</code>
      <div className="buttons">
        <Button
          className="button primary"
          onPress={() =>
            // Only pages that come by TLS or from this machine may copy.
            void Promise.resolve()
              .then(() => navigator.clipboard.writeText(token))
              .then(() => setCopied(true), () => setCopied(false))
          }
        >
          {t("tokens.copy")}
        </Button>
        <span role="status" className="small muted">
          {copied === undefined ? "" : copied ? t("tokens.copied") : t("tokens.uncopied")}
        </span>
      </div>
    </div>
  );
}
