import { useMutation, useQuery } from "@tanstack/react-query";
import { useIntl } from "react-intl";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { audit, read } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Failure, Shown } from "../ui/states";
import { Mine } from "./Me";

/** What Kith keeps about the person: to take along, to understand, and to have erased. */
export function MeData() {
  const t = useT();
  return (
    <Mine title={t("data.title")} lead={<p className="muted">{t("data.lead")}</p>}>
      <TakeAlong />
      <section className="section">
        <div className="head">
          <h2>{t("data.kept")}</h2>
        </div>
        <ul className="bullets">
          <li>{t("data.kept.identity")}</li>
          <li>{t("data.kept.profile")}</li>
          <li>{t("data.kept.written")}</li>
          <li>{t("data.kept.done")}</li>
          <li>{t("data.kept.sealed")}</li>
          <li>{t("data.kept.never")}</li>
        </ul>
      </section>
      <section className="section">
        <div className="head">
          <h2>{t("erase.title")}</h2>
        </div>
        <p>{t("erase.lead")}</p>
        <p className="more">
          <Link className="button" to="/me/data/erase">
            {t("erase.more")}
          </Link>
        </p>
      </section>
    </Mine>
  );
}

/** Has the browser keep the archive as a file. */
async function fetchArchive() {
  const archive = await read(audit.GET("/me/data", { parseAs: "blob" }));
  const address = URL.createObjectURL(archive as unknown as Blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = "my-data.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function TakeAlong() {
  const t = useT();
  const intl = useIntl();
  const consent = useQuery({ queryKey: ["consent"], queryFn: () => read(audit.GET("/me/consent")) });
  const give = useCommand((_: "consent", key) => read(audit.POST("/me/consent", { params: { header: command(key) }, body: { purpose: "own_copy", scope: "everything" } })));
  const download = useMutation({ mutationFn: fetchArchive });
  const busy = give.isPending || download.isPending;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("data.take")}</h2>
      </div>
      <p>{t("data.take.words")}</p>
      <Shown query={consent}>
        {({ valid, until }) => (
          <>
            <p className="small muted">{valid && until ? t("data.consent.until", { date: intl.formatDate(until, { dateStyle: "long", timeStyle: "short" }) }) : t("data.consent.words")}</p>
            <div className="buttons answer">
              {valid ? (
                <Button className="button primary" isDisabled={busy} onPress={() => download.mutate()}>
                  {t("data.download")}
                </Button>
              ) : (
                <Button className="button primary" isDisabled={busy} onPress={() => give.mutate("consent", { onSuccess: () => download.mutate() })}>
                  {t("data.consent.do")}
                </Button>
              )}
              <span role="status" className="small muted">
                {download.isPending ? t("data.making") : download.isSuccess ? t("data.made") : ""}
              </span>
            </div>
          </>
        )}
      </Shown>
      {give.isError && <Failure error={give.error} />}
      {download.isError && <Failure error={download.error} retry={() => download.mutate()} />}
    </section>
  );
}
