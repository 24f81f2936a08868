import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { audit, read, type Audit } from "../api/client";
import { readLines, type Progress } from "../api/lines";
import { once, readKey } from "../api/log";
import { T, useT } from "../i18n";
import { Bar } from "../ui/Bar";
import { useFocusWhen } from "../ui/focus";
import { More } from "../ui/More";
import { Failure, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { AuditPage } from "./AuditPage";
import { Outcome } from "./AuditOutcome";

const integrityKey = readKey("integrity");

/** What is known of the log's integrity. */
export function useIntegrity() {
  return useQuery({ ...once, queryKey: integrityKey, queryFn: () => read(audit.GET("/verification")) });
}

export function AuditVerification() {
  const t = useT();
  const query = useIntegrity();
  return (
    <AuditPage title={t("audit.verification")} lead={<p>{t("audit.verification.lead")}</p>}>
      <div className="column">
        <Shown query={query}>{(integrity) => <Integrity integrity={integrity} />}</Shown>
        <Checkpoints />
      </div>
    </AuditPage>
  );
}

function Integrity({ integrity }: { integrity: Audit["Integrity"] }) {
  const t = useT();
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const verify = useMutation({
    mutationFn: () => readLines<Audit["Verification"]>(audit.POST("/verification", { parseAs: "stream" }), setProgress),
    onSuccess: () => client.invalidateQueries({ queryKey: integrityKey }),
  });
  const last = verify.data ?? integrity.last;
  const signed = integrity.checkpoint;
  return (
    <>
      <section className="section">
        <div className="integrity" role="status">
          {last && <Outcome result={last} />}
          {!last && <p className={integrity.damaged ? "state bad" : ""}>{integrity.damaged ? t("audit.damaged") : t("audit.verified.never")}</p>}
        </div>
        {verify.isPending && <Bar label={t("audit.verifying")} progress={progress} />}
        <div className="buttons">
          <Button
            className="button primary"
            isPending={verify.isPending}
            onPress={() => {
              setProgress(undefined);
              verify.mutate();
            }}
          >
            {t("audit.verify")}
          </Button>
        </div>
        {verify.isError && <Failure error={verify.error} />}
      </section>
      <section className="section">
        <div className="head">
          <h2>{t("audit.signed")}</h2>
        </div>
        <p>{signed ? <T id="audit.signed.up_to" size={signed.size} time={<Time at={signed.time} />} /> : t("audit.signed.never")}</p>
        <p className="muted">{t("audit.unsigned", { count: integrity.unsigned })}</p>
        <h3 className="key-title">{t("audit.key")}</h3>
        <pre className="command" tabIndex={0} aria-label={t("audit.key")}>
          <code>{integrity.verifier_key}</code>
        </pre>
        <p className="muted small">{t("audit.key.words")}</p>
      </section>
    </>
  );
}

function Checkpoints() {
  const t = useT();
  const [shown, setShown] = useState(false);
  const headline = useFocusWhen<HTMLHeadingElement>(shown);
  return (
    <section className="section">
      <div className="head">
        <h2 ref={headline} tabIndex={-1}>
          {t("audit.checkpoints")}
        </h2>
      </div>
      <p className="muted">{t("audit.checkpoints.words")}</p>
      {shown ? (
        <CheckpointRows />
      ) : (
        <div className="buttons show-checkpoints">
          <Button className="button" onPress={() => setShown(true)}>
            {t("audit.checkpoints.show")}
          </Button>
        </div>
      )}
    </section>
  );
}

function CheckpointRows() {
  const t = useT();
  const list = useInfiniteQuery({
    ...once,
    queryKey: readKey("checkpoints"),
    queryFn: ({ pageParam }) => read(audit.GET("/checkpoints", { params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  return (
    <>
      <Shown query={list}>
        {({ pages }) => (
          <ul className="rows checkpoints">
            {pages
              .flatMap((p) => p.items)
              .map((c) => (
                <li key={c.size} data-row>
                  <details>
                    <summary>
                      {t("audit.checkpoint", { size: c.size })} <span className="small muted"><Time at={c.time} /></span>
                    </summary>
                    <pre tabIndex={0} aria-label={t("audit.checkpoint", { size: c.size })}>{c.note}</pre>
                  </details>
                </li>
              ))}
          </ul>
        )}
      </Shown>
      <More list={list} />
    </>
  );
}
