import { onlineManager, type UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { Problem } from "../api/problem";
import { T, useLanguage, useT } from "../i18n";

export function Waiting() {
  const t = useT();
  return (
    <div className="waiting" role="status">
      <em className="unseen">{t("state.loading")}</em>
      <span />
      <span />
      <span />
    </div>
  );
}

interface FailureProps {
  error: unknown;
  retry?: () => void;
  /** What was typed is kept. */
  typed?: boolean;
  /** Shows what others made of it meanwhile, in the place of what was typed. */
  theirs?: () => void;
  /** What was shown ahead is as it was. */
  undone?: boolean;
}

/** What happened, what it means, and the next step. */
export function Failure({ error, retry, typed, theirs, undone }: FailureProps) {
  const t = useT();
  const problem = error instanceof Problem ? error : new Problem("unknown", 0, String(error));
  const outdone = theirs && problem.code === "stale";
  return (
    <div className="failure" role="alert">
      <p>{outdone ? t("problem.stale.typed") : t(`problem.${problem.code}`)}</p>
      {(problem.detail || problem.fields.length > 0) && <Details problem={problem} />}
      {undone && <p>{t("problem.undone")}</p>}
      {typed && !outdone && <p>{t("problem.kept")}</p>}
      {outdone && (
        <Button className="button" onPress={theirs}>
          {t("problem.stale.theirs")}
        </Button>
      )}
      {retry && (
        <Button className="button" onPress={retry}>
          {t("do.retry")}
        </Button>
      )}
    </div>
  );
}

/** What the service says about it, in English: open for those who read that, at hand for all others. */
function Details({ problem: { detail, fields } }: { problem: Problem }) {
  const t = useT();
  const { language } = useLanguage();
  return (
    <details open={language === "en"}>
      <summary>{t("problem.details")}</summary>
      {fields.length === 0 && (
        <p className="muted" lang="en">
          {detail}
        </p>
      )}
      {fields.map((f) => (
        <p key={f.field + f.reason} className="muted" lang="en">
          <T id="problem.field" field={f.field} reason={f.reason} />
        </p>
      ))}
    </details>
  );
}

export function Empty({ words, children }: { words: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p>{words}</p>
      {children && <div className="next">{children}</div>}
    </div>
  );
}

/** A page or a part of it that could not be read. What is not there, or not for the reader, is not there the next time either. */
function Refused({ error, retry }: { error: Error; retry: () => void }) {
  const t = useT();
  if (!(error instanceof Problem) || !["not-found", "forbidden"].includes(error.code)) return <Failure error={error} retry={retry} />;
  return (
    <>
      <Failure error={error} />
      <p className="next">
        <Link className="button" to="/">
          {t("missing.do")}
        </Link>
      </p>
    </>
  );
}

/** What a query found, or how it stands with it. */
export function Shown<D>({ query, children }: { query: UseQueryResult<D, Error>; children: (data: D) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Refused error={query.error} retry={() => void query.refetch()} />;
  if (query.fetchStatus === "paused" && !onlineManager.isOnline()) return <Failure error={new Problem("offline", 0)} />;
  return <Waiting />;
}
