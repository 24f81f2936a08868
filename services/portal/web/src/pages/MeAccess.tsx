import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { endSessions, signOut } from "../api/session";
import { useT } from "../i18n";
import { Failure } from "../ui/states";
import { AskFirst } from "../ui/AskFirst";
import { Mine } from "./Me";
import { MyTokens } from "./MeTokens";

export function MeAccess() {
  const t = useT();
  const [failed, setFailed] = useState<unknown>();
  const [stuck, setStuck] = useState<unknown>();
  return (
    <Mine title={t("access.title")} lead={<p className="muted">{t("access.lead")}</p>}>
      <section className="section">
        <div className="head">
          <h2>{t("access.sessions")}</h2>
        </div>
        <p className="small muted">{t("me.signout.words")}</p>
        <div className="buttons answer">
          <Button className="button" onPress={() => signOut().catch(setFailed)}>
            {t("me.signout")}
          </Button>
          <AskFirst label={t("access.end")} words={t("access.end.words")} sure={t("access.end.sure")} error={stuck} onSure={() => void endSessions().catch(setStuck)} />
        </div>
        {failed !== undefined && <Failure error={failed} />}
      </section>
      <MyTokens />
    </Mine>
  );
}
