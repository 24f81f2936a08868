import { Link, useRouteError } from "react-router";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import { Failure } from "../ui/states";

/** What is shown for a page that could not be loaded or that failed. */
export function Broken() {
  const t = useT();
  const error = useRouteError();
  return (
    <Page title={t("broken.title")}>
      <Failure error={error} retry={() => location.reload()} />
    </Page>
  );
}

export function Missing() {
  const t = useT();
  return (
    <Page title={t("missing.title")} lead={<p className="muted">{t("missing.words")}</p>}>
      <Link className="button" to="/">
        {t("missing.do")}
      </Link>
    </Page>
  );
}
