import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Button } from "react-aria-components/Button";
import { useSearchParams } from "react-router";
import { notification, read, readTagged, type Notification } from "../api/client";
import { useCommunity, useMe } from "../api/names";
import { Problem } from "../api/problem";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Check } from "../ui/Check";
import { SelectInput } from "../ui/fields";
import { Failure, Shown } from "../ui/states";
import { Mine } from "./Me";
import { groups, governing, holding, kindsOf, withRule, without, type Kind, type Ways } from "./notifying";

type Preferences = Notification["Preferences"];
/** What somebody wants of a community ("": all), and a kind ("": every one); without ways: as usual. */
interface Wish {
  community: string;
  kind: Kind | "";
  ways?: Ways;
}

const fetchPreferences = () => readTagged(notification.GET("/preferences"));

/** A change is of what is wanted, not of all rules: when they were changed elsewhere meanwhile it is made in the new ones. */
function useWish() {
  const client = useQueryClient();
  const send = async (wish: Wish, key: string, { data, etag }: { data: Preferences; etag: string }) => {
    const rules = wish.ways ? withRule(data, wish, wish.ways) : without(data.rules, wish.community);
    await read(notification.PUT("/preferences", { params: { header: { ...command(key), "If-Match": etag } }, body: { rules } }));
  };
  return useCommand(async (wish: Wish, key) => {
    const known = client.getQueryData<{ data: Preferences; etag: string }>(["preferences"]) ?? (await fetchPreferences());
    try {
      await send(wish, key, known);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "stale") throw error;
      await send(wish, crypto.randomUUID(), await fetchPreferences());
    }
  });
}

/** Of what the person hears, where: for all communities or one of them. */
export function MeNotifications() {
  const t = useT();
  const [search, setSearch] = useSearchParams();
  const community = search.get("community") ?? "";
  const query = useQuery({ queryKey: ["preferences"], queryFn: fetchPreferences });
  const wish = useWish();
  const mine = useMe().data?.communities ?? [];
  const other = useCommunity(mine.some((c) => c.community === community) ? undefined : community || undefined);
  const options = [
    { value: "", words: t("notify.everywhere") },
    ...mine.map((c) => ({ value: c.community, words: c.name })),
    ...(other ? [{ value: community, words: other.name }] : []),
  ];
  return (
    <Mine title={t("notify.title")} lead={<p className="muted">{t("notify.lead")}</p>}>
      <SelectInput label={t("notify.where")} hint={t("notify.where.hint")} value={community} onChange={(c) => setSearch(c ? { community: c } : {}, { replace: true })} options={options} />
      <Shown query={query}>
        {({ data }) => (
          <>
            <Whole community={community} preferences={data} wish={wish.mutate} pending={wish.isPending} />
            {wish.isError && <Failure error={wish.error} />}
            <p role="status" className="small muted status">
              {wish.isSuccess ? t("profile.saved") : ""}
            </p>
            {groups.map((group) => (
              <section key={group} className="section">
                <div className="notify-head">
                  <h2>{t(`notify.group.${group}`)}</h2>
                  <span aria-hidden="true">{t("place.inbox")}</span>
                  <span aria-hidden="true">{t("notify.mail")}</span>
                </div>
                <ul className="rows">
                  {kindsOf(group, community).map((kind) => (
                    <Row key={kind} kind={kind} ways={holding(data, { community, kind })} sought={search.get("kind") === kind} change={(ways) => wish.mutate({ community, kind, ways })} />
                  ))}
                </ul>
              </section>
            ))}
          </>
        )}
      </Shown>
    </Mine>
  );
}

/** What can be said about everything at once. */
function Whole({ community, preferences, wish, pending }: { community: string; preferences: Preferences; wish: (w: Wish) => void; pending: boolean }) {
  const t = useT();
  const own = preferences.rules.some((r) => (r.community ?? "") === community);
  const whole = preferences.rules.find((r) => (r.community ?? "") === community && !r.kind);
  const silent = whole && !whole.inbox && !whole.mail;
  return (
    <div className="buttons">
      {community && !silent && (
        <Button className="button" isDisabled={pending} onPress={() => wish({ community, kind: "", ways: { inbox: false, mail: false } })}>
          {t("notify.silence")}
        </Button>
      )}
      {!community && !whole && (
        <Button className="button" isDisabled={pending} onPress={() => wish({ community, kind: "", ways: { inbox: true, mail: false } })}>
          {t("notify.nomail")}
        </Button>
      )}
      {own && (
        <Button className="button quiet" isDisabled={pending} onPress={() => wish({ community, kind: "" })}>
          {community ? t("notify.reset.community") : t("notify.reset")}
        </Button>
      )}
      {silent && <span className="muted">{t("notify.silent")}</span>}
      {community && !own && governing(preferences.rules, { community, kind: "" }) && <span className="muted">{t("notify.general")}</span>}
    </div>
  );
}

function Row({ kind, ways, sought, change }: { kind: Kind; ways: Ways; sought: boolean; change: (ways: Ways) => void }) {
  const t = useT();
  const words = t(`notify.kind.${kind}`);
  useEffect(() => {
    if (sought) document.getElementById(`kind-${kind}`)?.querySelector("input")?.focus();
  }, [sought, kind]);
  return (
    <li id={`kind-${kind}`} data-row className={sought ? "notify-row sought" : "notify-row"}>
      <span>{words}</span>
      <Check bare label={t("notify.inbox.of", { kind: words })} checked={ways.inbox} onChange={(inbox) => change({ ...ways, inbox })} />
      <Check bare label={t("notify.mail.of", { kind: words })} checked={ways.mail} onChange={(mail) => change({ ...ways, mail })} />
    </li>
  );
}
