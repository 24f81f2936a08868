import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read } from "../api/client";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput } from "../ui/fields";
import { UnitName } from "../ui/people";

export interface Found {
  id: string;
  name: string;
  unit?: string | undefined;
}

interface Props {
  chosen: readonly Found[];
  /** Ids of those who cannot be chosen again. */
  taken: readonly string[];
  choose: (people: Found[]) => void;
  wrong?: string | undefined;
}

/** Chooses people by the beginnings of their names. */
export function FindPeople({ chosen, taken, choose, wrong }: Props) {
  const t = useT();
  const { person } = usePerson();
  const here = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const settled = useDebounced(text.trim(), 200);
  const { data } = useQuery({
    queryKey: ["people", "find", settled],
    queryFn: () => read(membership.GET("/people", { params: { query: { query: settled, limit: 8 } } })),
    enabled: settled.length > 1,
    placeholderData: (before) => before,
  });
  const found = text.trim().length > 1 ? (data?.items ?? []).filter((p) => p.id !== person && !chosen.some((c) => c.id === p.id)) : [];
  // The row that was pressed is gone: typing goes on.
  const again = () => {
    setText("");
    here.current?.querySelector("input")?.focus();
  };
  return (
    <div className="field find" ref={here}>
      {chosen.length > 0 && (
        <ul className="chosen" aria-label={t("find.chosen")}>
          {chosen.map((p) => (
            <li key={p.id}>
              <Button className="button" aria-label={t("find.drop", { name: p.name })} onPress={() => (choose(chosen.filter((c) => c.id !== p.id)), again())}>
                {p.name}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <SearchInput label={t("people.search")} value={text} onChange={setText} />
      {wrong && <span className="wrong" role="alert">{wrong}</span>}
      <p className="unseen" role="status">
        {settled.length > 1 && data ? t("find.count", { count: found.length }) : ""}
      </p>
      {found.length > 0 && (
        <ul className="found">
          {found.map((p) => (
            <li key={p.id}>
              <Button className="button quiet" isDisabled={taken.includes(p.id)} onPress={() => (choose([...chosen, { id: p.id, name: p.name, unit: p.unit }]), again())}>
                <strong>{p.name}</strong>
                <span className="small">{taken.includes(p.id) ? t("find.taken") : <UnitName id={p.unit} />}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {settled.length > 1 && data && found.length === 0 && text.trim() === settled && <p className="muted small">{t("people.empty")}</p>}
    </div>
  );
}
