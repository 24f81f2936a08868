import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, type Communities } from "../api/client";
import { useT } from "../i18n";
import { Shown } from "../ui/states";

type Piece = Communities["Piece"];

interface Props {
  community: string;
  from: number;
  to: number;
}

/** A comparison that somebody asked for: the focus is on it when it comes. */
export function Compared({ close, ...versions }: Props & { close: () => void }) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { from, to } = versions;
  return (
    <div>
      <h2 ref={heading} tabIndex={-1}>
        {from === 0 ? t("charter.compared.first", { to }) : t("charter.compared", { from, to })}
      </h2>
      <CharterDiff {...versions} />
      <p className="more">
        <Button className="button" onPress={close}>
          {t("charter.old.newest")}
        </Button>
      </p>
    </div>
  );
}

/** What changed between two versions, as tracked text: what is new is underlined, what is gone is struck out. */
export function CharterDiff({ community: id, from, to }: Props) {
  const t = useT();
  const query = useQuery({
    queryKey: ["charter", id, "diff", from, to],
    queryFn: () => read(community.GET("/communities/{community}/charter/diff", { params: { path: { community: id }, query: { from, to } } })),
    staleTime: Infinity,
  });
  return (
    <div className="diff">
      <Shown query={query}>
        {({ fields }) =>
          fields.length === 0 ? (
            <p className="muted">{t("charter.compare.same")}</p>
          ) : (
            <>
              <p className="small muted">
                <ins>{t("charter.legend.insert")}</ins> <del>{t("charter.legend.delete")}</del>
              </p>
              {fields.map((f) => (
                <div key={f.field}>
                  <h3>{t(`charter.field.${f.field}`)}</h3>
                  <p className="prose">
                    {f.pieces.map((piece, i) => (
                      <Marked key={i} piece={piece} />
                    ))}
                  </p>
                </div>
              ))}
            </>
          )
        }
      </Shown>
    </div>
  );
}

function Marked({ piece }: { piece: Piece }) {
  const t = useT();
  if (piece.op === "keep") return piece.text;
  const Mark = piece.op === "insert" ? "ins" : "del";
  return (
    <Mark>
      <span className="unseen">{t(`charter.diff.${piece.op}`)} </span>
      {piece.text}
    </Mark>
  );
}
