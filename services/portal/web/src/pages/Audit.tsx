import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { audit, read, type Audit as Log } from "../api/client";
import { once, readKey } from "../api/log";
import { useT } from "../i18n";
import { Empty, Failure, Shown, Waiting } from "../ui/states";
import { AuditFilters } from "./AuditFilters";
import { AuditPage } from "./AuditPage";
import { EventRows } from "./AuditRows";
import { queryOf, useSelection, withSelection, type Selection } from "./auditing";

type Pages = InfiniteData<Log["EnvelopePage"], string>;

function useLog(selection: Selection) {
  const client = useQueryClient();
  const filters = queryOf(selection);
  const queryKey = readKey("log", filters);
  const list = useInfiniteQuery({
    ...once,
    queryKey,
    queryFn: ({ pageParam }) =>
      read(audit.GET("/log", { params: { query: { ...filters, order: "newest", limit: 100, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  // Every page that was read would be read again otherwise, and each reading recorded.
  const again = () => {
    client.setQueryData<Pages>(queryKey, (old) => old && { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) });
    void list.refetch();
  };
  return { list, again };
}

/** The log, newest first. */
export function Audit() {
  const t = useT();
  const { selection, choose, clear } = useSelection();
  const { list, again } = useLog(selection);
  const events = list.data?.pages.flatMap((p) => p.items) ?? [];
  const more = () => list.hasNextPage && !list.isFetchingNextPage && !list.isError && void list.fetchNextPage();
  return (
    <AuditPage title={t("audit.log")}>
      <div className="column">
        <AuditFilters selection={selection} choose={choose} clear={clear} />
        <div className="buttons log-do">
          <Button className="button" isDisabled={list.isFetching} onPress={again}>
            {t("audit.again")}
          </Button>
          <Link className="button quiet" to={withSelection("/audit/export", selection)}>
            {t("audit.export.selection")}
          </Link>
        </div>
        <Shown query={list}>
          {() => (events.length === 0 && !list.hasNextPage ? <Empty words={t("audit.empty")} /> : <EventRows key={JSON.stringify(selection)} events={events} more={more} />)}
        </Shown>
        {list.data && list.isError && <Failure error={list.error} retry={() => void list.fetchNextPage()} />}
        {list.isFetchingNextPage && <Waiting />}
        {list.data && !list.hasNextPage && events.length > 0 && <p className="muted small end">{t("audit.end", { count: events.length })}</p>}
      </div>
    </AuditPage>
  );
}
