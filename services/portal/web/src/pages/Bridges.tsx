import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link, useSearchParams } from "react-router";
import { community, read, type Communities } from "../api/client";
import { T, useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { useMonth } from "../ui/month";
import { Page } from "../ui/Page";
import { Empty, Shown } from "../ui/states";
import { Matrix } from "./BridgesMatrix";
import { strongest, useSentence } from "./bridges";
import "../styles/charts.css";

const windows = [12, 3] as const;

/** Which units help which: numbers of groups, none of which points to anybody. */
export function Bridges() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const months = windows.find((n) => String(n) === params.get("months")) ?? 12;
  const below = params.get("below") ?? "";
  const query = useQuery({
    queryKey: ["bridges", months, below],
    queryFn: () => read(community.GET("/bridges", { params: { query: { months, ...(below && { below }) } } })),
    placeholderData: (before) => before,
  });
  return (
    <Page title={t("bridges.title")} lead={<p className="muted">{t("bridges.lead")}</p>}>
      <div className="bridges">
        <div className="filters window">
          <SelectInput
            label={t("bridges.window")}
            value={String(months)}
            onChange={(value) => setParams((now) => changed(now, "months", value === "12" ? "" : value), { replace: true })}
            options={windows.map((n) => ({ value: String(n), words: t("bridges.months", { months: n }) }))}
          />
        </div>
        <Shown query={query}>{(data) => <Open data={data} months={months} to={(unit) => `?${changed(params, "below", unit)}`} />}</Shown>
      </div>
    </Page>
  );
}

function changed(params: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(params);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

interface Props {
  data: Communities["Bridges"];
  months: number;
  /** The address of what is below a unit; "" is the top. */
  to: (unit: string) => string;
}

function Open({ data, months, to }: Props) {
  const t = useT();
  const month = useMonth();
  const [table, setTable] = useState(false);
  const further = data.units.filter((u) => u.further);
  return (
    <>
      {data.below && (
        <nav className="way" aria-label={t("bridges.way")}>
          <Link to={to("")}>{t("bridges.top")}</Link>
          {data.above.map((u) => (
            <Link key={u.id} to={to(u.id)}>
              {u.name}
            </Link>
          ))}
          <span aria-current="location">{data.below.name}</span>
        </nav>
      )}
      <p className="small muted">
        <T id="bridges.span" from={month(data.from)} to={month(data.to)} />
      </p>
      {data.items.length === 0 ? (
        <Empty words={t("bridges.empty")}>
          <Link className="button" to="/ask">
            {t("ask.do")}
          </Link>
        </Empty>
      ) : (
        <>
          {table ? <Table data={data} /> : <Matrix data={data} months={months} />}
          {!table && <Sentences data={data} months={months} />}
          <div className="buttons">
            <Button className="button" onPress={() => setTable(!table)}>
              {table ? t("bridges.picture") : t("bridges.table")}
            </Button>
          </div>
        </>
      )}
      {data.left_out > 0 && <p className="small muted">{t("bridges.left_out", { count: data.left_out })}</p>}
      {further.length > 0 && (
        <section className="further">
          <h2>{t("bridges.further")}</h2>
          <ul>
            {further.map((u) => (
              <li key={u.id}>
                <Link to={to(u.id)}>{u.name}</Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <details className="how">
        <summary>{t("bridges.how")}</summary>
        <p>{t("bridges.formula")}</p>
        <p>{t("bridges.suppression", { least: data.least })}</p>
      </details>
    </>
  );
}

/** For a narrow screen: the strongest, in sentences. */
function Sentences({ data, months }: { data: Communities["Bridges"]; months: number }) {
  const sentence = useSentence(data, months);
  return (
    <ul className="rows sentences">
      {strongest(data.items, 20).map((b) => (
        <li key={b.helper + b.asker} data-row>
          {sentence(b)}
        </li>
      ))}
    </ul>
  );
}

function Table({ data }: { data: Communities["Bridges"] }) {
  const t = useT();
  const name = new Map(data.units.map((u) => [u.id, u.name]));
  return (
    <table className="figures">
      <caption className="unseen">{t("bridges.title")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("bridges.helper")}</th>
          <th scope="col">{t("bridges.asker")}</th>
          <th scope="col">{t("bridges.at_least")}</th>
        </tr>
      </thead>
      <tbody>
        {data.items.map((b) => (
          <tr key={b.helper + b.asker}>
            <td>{name.get(b.helper)}</td>
            <td>{name.get(b.asker)}</td>
            <td>{t("bridges.number", { count: b.at_least })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
