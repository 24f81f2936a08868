import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useIntl } from "react-intl";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { notification, read, type Notification } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Check } from "../ui/Check";
import { More } from "../ui/More";
import { Page } from "../ui/Page";
import { Empty, Failure, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { Answer, Sentence, Subject, linkOf } from "./InboxItem";

type Item = Notification["Item"];

export function Inbox() {
  const t = useT();
  const [only, setOnly] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["inbox", "list", only],
    queryFn: ({ pageParam }) => read(notification.GET("/inbox", { params: { query: { limit: 30, ...(only && { unread: true }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const mark = useCommand((marks: Notification["ReadMarks"], key) =>
    read(notification.POST("/inbox/read", { params: { header: command(key) }, body: marks })),
  );
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
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
        {mark.isError && <Failure error={mark.error} />}
        <Shown query={list}>
          {() =>
            items.length === 0 ? (
              <Empty words={only ? t("inbox.empty.unread") : t("inbox.empty")}>
                <Link className="button" to="/communities">
                  {t("first.join.do")}
                </Link>
              </Empty>
            ) : (
              <Days items={items} read={(i) => !i.read && mark.mutate({ items: [i.id] })} />
            )
          }
        </Shown>
        <More list={list} />
      </div>
    </Page>
  );
}

function Days({ items, read }: { items: Item[]; read: (item: Item) => void }) {
  const intl = useIntl();
  const days = Map.groupBy(items, (i) => new Date(i.time).toDateString());
  return [...days].map(([day, those]) => (
    <section key={day}>
      <h2 className="day">{intl.formatDate(new Date(day), { weekday: "long", day: "numeric", month: "long" })}</h2>
      <ul className="rows">
        {those.map((i) => (
          <li key={i.id} data-row className={i.read ? "read" : "unread"} onKeyDown={(e) => e.key === "e" && !e.ctrlKey && !e.metaKey && !e.altKey && read(i)}>
            <Link className="row-title" to={linkOf(i)} onClick={() => read(i)}>
              <Unseen read={i.read} />
              <Sentence item={i} />
            </Link>
            <div className="meta">
              <Subject item={i} />
              <Time at={i.time} />
              <Why item={i} />
            </div>
            <Answer item={i} />
          </li>
        ))}
      </ul>
    </section>
  ));
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
