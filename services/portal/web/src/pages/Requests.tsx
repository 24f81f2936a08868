import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Link, useSearchParams } from "react-router";
import { community, read } from "../api/client";
import { useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { Page } from "../ui/Page";
import { RequestRow } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
import { kinds } from "./asking";

const states = ["open", "resolved", "unresolved", "withdrawn"] as const;

export function Requests() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const choose = (name: string) => (value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const state = states.find((s) => s === params.get("state"));
  const kind = kinds.find((k) => k === params.get("kind"));
  const mine = params.get("whose") === "mine";
  const filters = { ...(state && { state }), ...(kind && { kind }), ...(mine && { mine }) };
  const list = useInfiniteQuery({
    queryKey: ["requests", "list", filters],
    queryFn: ({ pageParam }) =>
      read(community.GET("/requests", { params: { query: { ...filters, limit: 30, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const all = { value: "", words: t("filter.all") };
  return (
    <Page title={t("place.requests")} lead={<p className="muted">{t("requests.lead")}</p>}>
      <div className="column">
        <div className="filters three">
          <SelectInput label={t("filter.whose")} value={mine ? "mine" : ""} onChange={choose("whose")} options={[{ value: "", words: t("filter.whose.all") }, { value: "mine", words: t("filter.whose.mine") }]} />
          <SelectInput label={t("filter.state")} value={state ?? ""} onChange={choose("state")} options={[all, ...states.map((s) => ({ value: s, words: t(`state.${s}`) }))]} />
          <SelectInput label={t("filter.kind")} value={kind ?? ""} onChange={choose("kind")} options={[all, ...kinds.map((k) => ({ value: k, words: t(`kind.${k}`) }))]} />
        </div>
        <Shown query={list}>
          {({ pages }) => {
            const items = pages.flatMap((p) => p.items);
            if (items.length === 0)
              return (
                <Empty words={t("requests.empty")}>
                  <Link className="button primary" to="/ask">
                    {t("ask.do")}
                  </Link>
                </Empty>
              );
            return (
              <ul className="rows">
                {items.map((r) => (
                  <li key={r.id} data-row>
                    <RequestRow request={r} own={mine} />
                  </li>
                ))}
              </ul>
            );
          }}
        </Shown>
        <More list={list} />
      </div>
    </Page>
  );
}

export function More({ list }: { list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const t = useT();
  if (!list.hasNextPage) return null;
  return (
    <p className="more">
      <Button className="button" isDisabled={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
        {t("do.more")}
      </Button>
    </p>
  );
}
