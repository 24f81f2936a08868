import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { audit, read } from "../api/client";
import { once, readKey } from "../api/log";
import { useT } from "../i18n";
import { useFocusWhen } from "../ui/focus";
import { Shown } from "../ui/states";
import { verifyCommand } from "./auditing";

/** The proof that an event is in the signed log: what it is good for, shown, and to be taken along. */
export function Proof({ seq }: { seq: number }) {
  const t = useT();
  const [shown, setShown] = useState(false);
  const headline = useFocusWhen<HTMLHeadingElement>(shown);
  const file = `${seq}.proof.json`;
  return (
    <section className="section">
      <div className="head">
        <h2 ref={headline} tabIndex={-1}>
          {t("audit.proof")}
        </h2>
      </div>
      <p>{t("audit.proof.words")}</p>
      <pre className="command">
        <code>{verifyCommand(file, "verifier.key")}</code>
      </pre>
      <div className="buttons">
        <a className="button" href={`/api/audit/log/${seq}/proof`} download={file}>
          {t("audit.proof.download")}
        </a>
        {!shown && (
          <Button className="button quiet" onPress={() => setShown(true)}>
            {t("audit.proof.show")}
          </Button>
        )}
      </div>
      {shown && <ShownProof seq={seq} />}
    </section>
  );
}

function ShownProof({ seq }: { seq: number }) {
  const t = useT();
  const query = useQuery({
    ...once,
    queryKey: readKey("proof", seq),
    queryFn: () => read(audit.GET("/log/{seq}/proof", { params: { path: { seq } } })),
  });
  return (
    <div className="proof">
      <Shown query={query}>
        {(proof) => (
          <>
            <h3>{t("audit.proof.checkpoint")}</h3>
            <pre tabIndex={0} aria-label={t("audit.proof.checkpoint")}>
              {proof.checkpoint}
            </pre>
            <h3>{t("audit.proof.path", { count: proof.proof.length })}</h3>
            <pre tabIndex={0} aria-label={t("audit.proof.path", { count: proof.proof.length })}>
              {proof.proof.join("\n")}
            </pre>
          </>
        )}
      </Shown>
    </div>
  );
}
