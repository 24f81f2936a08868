import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useIntl } from "react-intl";
import { community, read, type Communities } from "../api/client";
import { useT } from "../i18n";
import { Line } from "../ui/Line";
import { useMonth } from "../ui/month";
import { Shown } from "../ui/states";
import { latest, type Point } from "./pulse";
import "../styles/charts.css";

type Month = Communities["PulseMonth"];

/** How a community goes, for those who may see what is in it. */
export function Pulse({ community: id }: { community: string }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["pulse", id],
    queryFn: () => read(community.GET("/communities/{community}/pulse", { params: { path: { community: id } } })),
  });
  return (
    <section className="section pulse">
      <div className="head">
        <h2>{t("pulse.title")}</h2>
      </div>
      <Shown query={query}>{(data) => <Open data={data} />}</Shown>
    </section>
  );
}

function Open({ data }: { data: Communities["Pulse"] }) {
  const t = useT();
  const words = useWords();
  const lines = [
    { key: "members", label: t("pulse.members"), of: (m: Month) => m.members, says: words.members },
    { key: "hours", label: t("pulse.hours"), of: (m: Month) => m.first_response_hours, says: words.hours },
    { key: "answered", label: t("pulse.answered"), of: (m: Month) => m.answered_percent, says: words.percent, top: 100 },
  ].map((l) => ({ ...l, points: data.months.map((m): Point => ({ month: m.month, value: l.of(m) })) }));
  const some = lines.filter((l) => latest(l.points));
  return (
    <>
      {some.length === 0 && <p className="muted">{t("pulse.empty", { least: data.least })}</p>}
      {some.length > 0 && (
        <ul className="lines">
          {some.map((l) => (
            <li key={l.key}>
              <Measure label={l.label} points={l.points} says={l.says} top={l.top} />
            </li>
          ))}
        </ul>
      )}
      <details className="how">
        <summary>{t("pulse.how")}</summary>
        <p>{t("pulse.formula")}</p>
        <p>{t("pulse.suppression", { least: data.least })}</p>
        {some.length > 0 && <Table months={data.months} lines={some} />}
      </details>
    </>
  );
}

function useWords() {
  const t = useT();
  const intl = useIntl();
  return {
    members: (n: number) => intl.formatNumber(n),
    hours: (n: number) => (n >= 48 ? t("pulse.days", { count: Math.round(n / 24) }) : t("pulse.in_hours", { count: n })),
    percent: (n: number) => intl.formatNumber(n / 100, { style: "percent" }),
  };
}

interface MeasureProps {
  label: string;
  points: Point[];
  says: (value: number) => string;
  top?: number | undefined;
}

function Measure({ label, points, says, top }: MeasureProps) {
  const t = useT();
  const month = useMonth();
  const now = latest(points);
  const first = points.find((p) => p.value !== undefined);
  if (!now || !first) return null;
  const way = t("pulse.way", { label, first: says(first.value ?? 0), from: month(first.month), last: says(now.value), to: month(now.month) });
  return (
    <>
      <span className="label">{label}</span>
      <span className="value">{says(now.value)}</span>
      <span className="small muted">{month(now.month)}</span>
      {first.month !== now.month && <Line points={points.map((p) => p.value)} words={way} {...(top && { top })} />}
    </>
  );
}

function Table({ months, lines }: { months: Month[]; lines: { key: string; label: string; points: Point[]; says: (n: number) => string }[] }) {
  const t = useT();
  const month = useMonth("short");
  const value = (n: number | undefined, says: (n: number) => string): ReactNode => (n === undefined ? "–" : says(n));
  return (
    <table className="figures">
      <caption className="unseen">{t("pulse.title")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("pulse.month")}</th>
          {lines.map((l) => (
            <th key={l.key} scope="col">
              {l.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {months.map((m, i) => (
          <tr key={m.month}>
            <th scope="row">{month(m.month)}</th>
            {lines.map((l) => (
              <td key={l.key}>{value(l.points[i]?.value, l.says)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
