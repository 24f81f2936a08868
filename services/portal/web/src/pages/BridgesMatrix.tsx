import { useRef, useState, type KeyboardEvent } from "react";
import type { Communities } from "../api/client";
import { useT } from "../i18n";
import { moved, shade, useSentence, type Cell } from "./bridges";

interface Props {
  data: Communities["Bridges"];
  months: number;
}

/** Rows help, columns are helped. One cell is in the order of tabs; arrow keys lead to the others. */
export function Matrix({ data, months }: Props) {
  const t = useT();
  const sentence = useSentence(data, months);
  const body = useRef<HTMLTableSectionElement>(null);
  const { units, items } = data;
  const figure = new Map(items.map((b) => [`${b.helper} ${b.asker}`, b.at_least]));
  const most = Math.max(...figure.values());
  const first = items[0];
  const place = (id: string | undefined) => Math.max(0, units.findIndex((u) => u.id === id));
  const [at, setAt] = useState<Cell>({ row: place(first?.helper), column: place(first?.asker) });
  const [over, setOver] = useState<Cell>();
  const told = over ?? at;
  const cell = ({ row, column }: Cell) => {
    const helper = units[row]?.id ?? "";
    const asker = units[column]?.id ?? "";
    return { helper, asker, at_least: figure.get(`${helper} ${asker}`) ?? 0 };
  };
  const pressed = (e: KeyboardEvent) => {
    if (e.altKey || e.metaKey) return;
    const next = moved(at, e.key, e.ctrlKey, units.length);
    if (!next) return;
    e.preventDefault();
    setAt(next);
    setOver(undefined);
    body.current?.rows[next.row]?.cells[next.column + 1]?.focus();
  };
  return (
    <figure className="matrix">
      <p className="told">{sentence(cell(told))}</p>
      <div className="frame">
        <table role="grid" aria-label={t("bridges.grid")} onKeyDown={pressed} onMouseLeave={() => setOver(undefined)}>
          <thead>
            <tr>
              <th scope="col" className="corner">
                <span>{t("bridges.asker")}</span>
                <span>{t("bridges.helper")}</span>
              </th>
              {units.map((u, column) => (
                <th key={u.id} scope="col" data-told={column === told.column || undefined}>
                  <span>{u.name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {units.map((u, row) => (
              <tr key={u.id}>
                <th scope="row" data-told={row === told.row || undefined}>
                  {u.alone ? t("bridges.alone", { unit: u.name }) : u.name}
                </th>
                {units.map((_, column) => {
                  const c = cell({ row, column });
                  return (
                    <td
                      key={c.asker}
                      role="gridcell"
                      tabIndex={row === at.row && column === at.column ? 0 : -1}
                      aria-label={sentence(c)}
                      data-shade={row === column ? "own" : shade(c.at_least, most)}
                      onFocus={() => setAt({ row, column })}
                      onMouseEnter={() => setOver({ row, column })}
                    >
                      {c.at_least > 0 && t("bridges.number", { count: c.at_least })}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className="small muted">{t("bridges.legend", { least: data.least })}</figcaption>
    </figure>
  );
}
