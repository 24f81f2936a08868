import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read } from "../api/client";
import { useT } from "../i18n";
import { Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { CharterForm } from "./CharterForm";

/** What a community has agreed on, and what changed last. */
export function Charter({ community: id, revises }: { community: string; revises: boolean }) {
  const t = useT();
  const [revising, setRevising] = useState(false);
  const query = useQuery({
    queryKey: ["charter", id],
    queryFn: () => read(community.GET("/communities/{community}/charter", { params: { path: { community: id } } })),
  });
  return (
    <section>
      <h2>{t("charter.title")}</h2>
      <Shown query={query}>
        {(charter) =>
          revising ? (
            <CharterForm charter={charter} close={() => setRevising(false)} />
          ) : charter.version === 0 ? (
            <p className="muted">{t("charter.empty")}</p>
          ) : (
            <>
              {charter.purpose && <p>{charter.purpose}</p>}
              {charter.vision && (
                <p>
                  <strong>{t("charter.vision")}</strong> {charter.vision}
                </p>
              )}
              <Lines title={t("charter.objectives")} lines={charter.objectives} />
              <Lines title={t("charter.norms")} lines={charter.norms} />
              <Lines title={t("charter.stakeholders")} lines={charter.stakeholders.map((s) => `${s.name}: ${s.interest}`)} />
              <p className="muted">
                {t("charter.version", { version: charter.version })} {charter.at && <Time at={charter.at} />}
              </p>
              {charter.version > 1 && <Changes community={id} version={charter.version} />}
            </>
          )
        }
      </Shown>
      {revises && query.data && !revising && (
        <Button className="button quiet" onPress={() => setRevising(true)}>
          {t("charter.revise")}
        </Button>
      )}
    </section>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3 className="small">{title}</h3>
      <ul className="bullets">
        {lines.map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ul>
    </>
  );
}

/** The last revision as tracked text. */
function Changes({ community: id, version }: { community: string; version: number }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const query = useQuery({
    queryKey: ["charter", id, "diff", version],
    queryFn: () =>
      read(community.GET("/communities/{community}/charter/diff", { params: { path: { community: id }, query: { from: version - 1, to: version } } })),
    enabled: open,
  });
  if (!open)
    return (
      <Button className="button" onPress={() => setOpen(true)}>
        {t("charter.changes")}
      </Button>
    );
  return (
    <Shown query={query}>
      {({ fields }) =>
        fields.map((f) => (
          <div key={f.field}>
            <h3 className="small">{t(`charter.field.${f.field}`)}</h3>
            <p className="prose">
              {f.pieces.map((piece, i) => {
                if (piece.op === "keep") return piece.text;
                const Mark = piece.op === "insert" ? "ins" : "del";
                return (
                  <Mark key={i}>
                    <span className="unseen">{t(`charter.diff.${piece.op}`)}</span>
                    {piece.text}
                  </Mark>
                );
              })}
            </p>
          </div>
        ))
      }
    </Shown>
  );
}
