import { useQuery } from "@tanstack/react-query";
import { matching, read, readTagged } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { Failure, Shown } from "../ui/states";

const caps = [1, 2, 3, 5, 10, 20];

/** How often the person wants to be asked; saved as it is chosen. */
export function MyHelping() {
  const t = useT();
  const query = useQuery({ queryKey: ["helping"], queryFn: () => readTagged(matching.GET("/me/preferences")) });
  const change = useCommand((next: { opt_out: boolean; cap: number; etag: string }, key) =>
    read(matching.PUT("/me/preferences", { params: { header: { ...command(key), "If-Match": next.etag } }, body: { opt_out: next.opt_out, cap: next.cap } })),
  );
  return (
    <section className="section">
      <div className="head">
        <h2>{t("helping.title")}</h2>
      </div>
      <Shown query={query}>
        {({ data, etag }) => (
          <SelectInput
            label={t("helping.cap")}
            hint={t("helping.hint")}
            value={data.opt_out ? "never" : String(data.cap)}
            onChange={(v) => change.mutate({ opt_out: v === "never", cap: v === "never" ? data.cap : Number(v), etag })}
            options={[
              ...[...new Set([...caps, data.cap])].sort((a, b) => a - b).map((n) => ({ value: String(n), words: t("helping.times", { count: n }) })),
              { value: "never", words: t("helping.never") },
            ]}
          />
        )}
      </Shown>
      {change.isError && <Failure error={change.error} />}
      <p role="status" className="small muted">
        {change.isSuccess ? t("profile.saved") : ""}
      </p>
    </section>
  );
}
