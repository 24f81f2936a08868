import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";

/** Leads to the next page of a list. */
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
