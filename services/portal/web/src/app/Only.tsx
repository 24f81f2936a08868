import { Link, Outlet } from "react-router";
import { useT, type MessageId } from "../i18n";
import { Page } from "../ui/Page";
import { usePerson } from "./context";

interface Props {
  role: "administrator" | "auditor";
  place: MessageId;
}

/** Pages for those who have a role. Nothing is asked for in the name of others, who are told whose place it is. */
export function Only({ role, place }: Props) {
  const t = useT();
  if (usePerson().roles.includes(role)) return <Outlet />;
  return (
    <Page title={t(place)} lead={<p className="muted">{t("only.words", { role: t(`org.role.${role}`) })}</p>}>
      <Link className="button" to="/">
        {t("missing.do")}
      </Link>
    </Page>
  );
}
