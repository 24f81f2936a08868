import { Suspense, lazy, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { useUnits } from "../api/names";
import { upwards } from "../api/units";
import { useT } from "../i18n";
import { SearchInput } from "../ui/fields";
import { Empty, Waiting } from "../ui/states";
import { OrganisationPage } from "./Organisation";
import { UnitTree } from "./OrganisationUnitTree";

// The tree is there before what can be done with a unit.
const OrganisationUnit = lazy(async () => ({ default: (await import("./OrganisationUnit")).OrganisationUnit }));
const FoundUnit = lazy(async () => ({ default: (await import("./OrganisationUnitForm")).FoundUnit }));

/** The tree of the organisation, with what is chosen in it beside it; on a phone in its place. */
export function OrganisationUnits() {
  const t = useT();
  const navigate = useNavigate();
  const chosen = useParams().unit;
  const units = useUnits();
  const [text, setText] = useState("");
  const [opened, setOpened] = useState<ReadonlySet<string>>();
  const words = text.trim().toLocaleLowerCase();
  const found = words ? [...units.values()].filter((u) => !u.closed && u.name.toLocaleLowerCase().includes(words)) : [];
  const go = (unit: string) => void navigate(`/organisation/units/${unit}`);
  return (
    <OrganisationPage
      title={t("org.units")}
      lead={
        <p>
          <Link className="button" to="/organisation/units/new">
            {t("org.unit.new")}
          </Link>
        </p>
      }
    >
      <div className={chosen ? "beside chosen" : "beside"}>
        <div className="beside-tree">
          <div className="filters single">
            <SearchInput label={t("org.units.search")} value={text} onChange={setText} />
          </div>
          {units.size === 0 ? (
            <Waiting />
          ) : words ? (
            <Found found={found.slice(0, 50).map((u) => ({ id: u.id, name: u.name, about: upwards(units, u.parent).map((above) => above.name).join(" · ") }))} />
          ) : (
            <UnitTree units={units} chosen={chosen} opened={opened} setOpened={setOpened} go={go} />
          )}
        </div>
        <div className="beside-detail">
          <Suspense fallback={<Waiting />}>
            {chosen === "new" && <FoundUnit done={go} />}
            {chosen && chosen !== "new" && <OrganisationUnit key={chosen} id={chosen} />}
          </Suspense>
          {!chosen && <p className="muted wide">{t("org.units.choose")}</p>}
        </div>
      </div>
    </OrganisationPage>
  );
}

function Found({ found }: { found: readonly { id: string; name: string; about: string }[] }) {
  const t = useT();
  if (found.length === 0) return <Empty words={t("org.units.empty")} />;
  return (
    <ul className="rows">
      {found.map((u) => (
        <li key={u.id} data-row>
          <Link className="row-title" to={`/organisation/units/${u.id}`}>
            {u.name}
          </Link>
          <div className="meta">{u.about && <span>{u.about}</span>}</div>
        </li>
      ))}
    </ul>
  );
}
