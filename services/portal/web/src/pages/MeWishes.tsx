import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { matching, read, readTagged, type Matching } from "../api/client";
import { useMe } from "../api/names";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Check } from "../ui/Check";
import { Choice, SelectInput } from "../ui/fields";
import { Failure, Shown } from "../ui/states";

type Wishes = Matching["MeetingPreferences"];
type Where = "nowhere" | "some" | "everywhere";

const wheres = ["nowhere", "some", "everywhere"] as const;
const intervals = ["never", "weekly", "fortnightly", "monthly"] as const;
const caps = [1, 2, 3, 5, 10];

/** Whether the person wants to be a buddy and to be introduced; saved as it is chosen. Nobody takes part who has not said so. */
export function MyWishes() {
  const t = useT();
  const query = useQuery({ queryKey: ["wishes"], queryFn: () => readTagged(matching.GET("/me/meeting")) });
  const change = useCommand(({ etag, ...body }: Wishes & { etag: string }, key) =>
    read(matching.PUT("/me/meeting", { params: { header: { ...command(key), "If-Match": etag } }, body })),
  );
  return (
    <section className="section">
      <div className="head">
        <h2>{t("wishes.title")}</h2>
      </div>
      <Shown query={query}>{({ data, etag }) => <Form wishes={data} change={(next) => change.mutate({ ...data, ...next, etag })} />}</Shown>
      {change.isError && <Failure error={change.error} retry={() => void query.refetch().then(() => change.reset())} />}
      <p role="status" className="small muted">
        {change.isSuccess ? t("profile.saved") : ""}
      </p>
    </section>
  );
}

function Form({ wishes, change }: { wishes: Wishes; change: (next: Partial<Wishes>) => void }) {
  const t = useT();
  const mine = useMe().data?.communities ?? [];
  const named = (wishes.buddy_communities ?? []).filter((id) => mine.some((c) => c.community === id));
  const said: Where = wishes.buddy_anywhere ? "everywhere" : named.length > 0 ? "some" : "nowhere";
  // "In some" says nothing before one is named.
  const [naming, setNaming] = useState(false);
  const where = naming && said === "nowhere" ? "some" : said;
  const choose = (next: Where) => {
    setNaming(next === "some");
    if (next !== "some") change({ buddy_anywhere: next === "everywhere", buddy_communities: [] });
    else if (wishes.buddy_anywhere) change({ buddy_anywhere: false, buddy_communities: mine.slice(0, 100).map((c) => c.community) });
  };
  return (
    <>
      <SelectInput
        label={t("wishes.introductions")}
        hint={t("wishes.introductions.hint")}
        value={wishes.introductions}
        onChange={(v) => change({ introductions: v as Wishes["introductions"], paused: false })}
        options={intervals.map((v) => ({ value: v, words: t(`wishes.${v}`) }))}
      />
      {wishes.introductions !== "never" && (
        <div className="field">
          <Check label={t("wishes.paused")} checked={wishes.paused} onChange={(paused) => change({ paused })} />
        </div>
      )}
      {mine.length === 0 && where === "nowhere" ? (
        <p className="muted">{t("wishes.buddy.later")}</p>
      ) : (
        <Choice label={t("wishes.buddy")} value={where} onChange={choose} options={wheres.map((v) => ({ value: v, words: t(`wishes.buddy.${v}`) }))} />
      )}
      {where === "some" && (
        <fieldset className="field">
          <legend>{t("wishes.buddy.which")}</legend>
          {mine.map((c) => (
            <Check
              key={c.community}
              label={c.name}
              checked={named.includes(c.community)}
              onChange={(on) => change({ buddy_communities: on ? [...named, c.community] : named.filter((id) => id !== c.community) })}
            />
          ))}
        </fieldset>
      )}
      {said !== "nowhere" && (
        <SelectInput
          label={t("wishes.cap")}
          value={String(wishes.buddy_cap)}
          onChange={(v) => change({ buddy_cap: Number(v) })}
          options={[...new Set([...caps, wishes.buddy_cap])].sort((a, b) => a - b).map((n) => ({ value: String(n), words: t("wishes.newcomers", { count: n }) }))}
        />
      )}
    </>
  );
}
