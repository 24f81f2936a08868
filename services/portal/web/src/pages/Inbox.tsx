import { useMemo, useState } from "react";
import { useIntl } from "react-intl";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { notification, read, type Notification } from "../api/client";
import { changeItems, inboxList, useList } from "../api/lists";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Check } from "../ui/Check";
import { LongList } from "../ui/LongList";
import { Page } from "../ui/Page";
import { Empty, Failure, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { gather } from "./inboxing";
import { Answer, Sentence, Subject, linkOf } from "./InboxItem";

type Item = Notification["Item"];

export function Inbox() {
  const t = useT();
  const [only, setOnly] = useState(false);
  const { head, rows } = useList(inboxList(only));
  const mark = useMarkRead();
  const { items } = rows;
  const gathered = useMemo(() => gather(items), [items]);
  const newest = items[0];
  const unread = items.some((i) => !i.read);
  return (
    <Page title={t("place.inbox")} lead={<p className="muted">{t("inbox.lead")}</p>}>
      <div className="column">
        <div className="buttons">
          {unread && newest && (
            <Button className="button" isDisabled={mark.isPending} onPress={() => mark.mutate({ up_to: newest.seq })}>
              {t("inbox.mark")}
            </Button>
          )}
          <Check label={t("inbox.only")} checked={only} onChange={setOnly} />
        </div>
        {mark.isError && <Failure error={mark.error} undone />}
        <Shown query={head}>
          {() =>
            items.length === 0 ? (
              <Empty words={only ? t("inbox.empty.unread") : t("inbox.empty")}>
                <Link className="button" to="/communities">
                  {t("first.join.do")}
                </Link>
              </Empty>
            ) : (
              <LongList rows={{ ...rows, items: gathered, idOf: ([i]) => rows.idOf(i) }} className="rows" height={72} classOf={([i]) => (i.read ? "read" : "unread")}>
                {(row, before) => <Row item={row[0]} others={row.length - 1} before={before?.[0]} opened={() => !row[0].read && mark.mutate({ items: row.map((i) => i.id) })} />}
              </LongList>
            )
          }
        </Shown>
      </div>
    </Page>
  );
}

/** Marks items as read, which shows at once. */
function useMarkRead() {
  return useCommand((marks: Notification["ReadMarks"], key) => read(notification.POST("/inbox/read", { params: { header: command(key) }, body: marks })), {
    name: ["inbox", "read"],
    foresee: (marks, see) => {
      const one = marks.items?.length ?? 0;
      for (const only of [false, true])
        changeItems<Item>(see, inboxList(only).key, (i) => (marks.items?.includes(i.id) || i.seq <= (marks.up_to ?? 0) ? { ...i, read: true } : i));
      see<Notification["Count"]>(["inbox", "count"], (c) => (marks.up_to ? { unread: 0, more: false } : { ...c, unread: Math.max(0, c.unread - one) }));
    },
  });
}

/** An item, with how many others are told of in its row; the first of a day says which day it is. */
function Row({ item, others, before, opened }: { item: Item; others: number; before: Item | undefined; opened: () => void }) {
  const intl = useIntl();
  const day = new Date(item.time);
  const begins = !before || new Date(before.time).toDateString() !== day.toDateString();
  return (
    <div onKeyDown={(e) => e.key === "e" && !e.ctrlKey && !e.metaKey && !e.altKey && opened()}>
      {begins && <h2 className="day">{intl.formatDate(day, { weekday: "long", day: "numeric", month: "long" })}</h2>}
      <Link className="row-title" to={linkOf(item)} onClick={opened}>
        <Unseen read={item.read} />
        <Sentence item={item} others={others} />
      </Link>
      <div className="meta">
        <Subject item={item} />
        <Time at={item.time} />
        <Why item={item} />
      </div>
      <Answer item={item} />
    </div>
  );
}

function Unseen({ read }: { read: boolean }) {
  const t = useT();
  return read ? null : <span className="unseen">{t("inbox.unread.before")}</span>;
}

/** Why the reader gets it, which leads to what they can change about it. */
function Why({ item }: { item: Item }) {
  const t = useT();
  const at = new URLSearchParams({ kind: item.kind, ...(item.community && { community: item.community }) });
  return (
    <Link to={`/me/notifications?${at}`} title={t("inbox.why")}>
      {t("inbox.why.of", { why: t(`why.${item.why}`) })}
      <span className="unseen">{t("inbox.why.change")}</span>
    </Link>
  );
}
