import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { signOut } from "../api/session";
import { usePerson } from "../app/context";
import { applyTheme, theme, themes, type Theme } from "../app/theme";
import { languages, useLanguage, useT, type PageLanguage } from "../i18n";
import { SelectInput } from "../ui/fields";
import { Page } from "../ui/Page";
import { Failure } from "../ui/states";
import { MyAdministration } from "./MeAdministration";
import { MyHelping } from "./MeHelping";
import { MyProfile } from "./MeProfile";

export function Me() {
  const t = useT();
  const { name, person } = usePerson();
  const { language, choose } = useLanguage();
  const [look, setLook] = useState<Theme>(theme);
  const [failed, setFailed] = useState<unknown>();
  return (
    <Page title={name} lead={<Link to={`/people/${person}`}>{t("me.seen")}</Link>}>
      <div className="column">
        <section className="section">
          <div className="head">
            <h2>{t("me.device")}</h2>
          </div>
          <SelectInput label={t("filter.language")} value={language} onChange={(l) => choose(l as PageLanguage)} options={languages.map((l) => ({ value: l, words: t(`language.${l}`) }))} />
          <SelectInput
            label={t("me.look")}
            value={look}
            onChange={(next) => {
              applyTheme(next as Theme);
              setLook(next as Theme);
            }}
            options={themes.map((one) => ({ value: one, words: t(`look.${one}`) }))}
          />
        </section>
        <MyProfile />
        <MyHelping />
        <MyAdministration />
        <section className="section">
          <Button className="button" onPress={() => signOut().catch(setFailed)}>
            {t("me.signout")}
          </Button>
          <p className="small muted">{t("me.signout.words")}</p>
          {failed !== undefined && <Failure error={failed} />}
        </section>
      </div>
    </Page>
  );
}
