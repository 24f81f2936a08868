import { useMemo } from "react";
import { Button } from "react-aria-components/Button";
import { Tree, TreeItem, TreeItemContent } from "react-aria-components/Tree";
import { childrenOf, upwards, type Unit, type Units } from "../api/units";
import { useT } from "../i18n";

interface Props {
  units: Units;
  chosen: string | undefined;
  /** What is open; undefined until somebody has opened or closed something. */
  opened: ReadonlySet<string> | undefined;
  setOpened: (opened: ReadonlySet<string>) => void;
  go: (unit: string) => void;
}

/** Units below units. What is closed is not in the document. */
export function UnitTree({ units, chosen, opened, setOpened, go }: Props) {
  const t = useT();
  const children = useMemo(() => childrenOf(units), [units]);
  const roots = children.get("") ?? [];
  // At first: the top level, and the way to what is chosen.
  const expanded = opened ?? new Set([...(roots.length === 1 ? roots : []), ...upwards(units, chosen).slice(1)].map((u) => u.id));
  return (
    <Tree className="tree" aria-label={t("org.units")} expandedKeys={expanded} onExpandedChange={(keys) => setOpened(new Set([...keys].map(String)))} onAction={(key) => go(String(key))}>
      {roots.map((unit) => (
        <Item key={unit.id} unit={unit} visible below={children} expanded={expanded} chosen={chosen} />
      ))}
    </Tree>
  );
}

interface ItemProps {
  unit: Unit;
  /** Whether the unit it lies in is open. */
  visible: boolean;
  below: ReadonlyMap<string, Unit[]>;
  expanded: ReadonlySet<string>;
  chosen: string | undefined;
}

function Item({ unit, visible, below, expanded, chosen }: ItemProps) {
  const t = useT();
  const inside = below.get(unit.id) ?? [];
  return (
    <TreeItem id={unit.id} textValue={unit.name} className={unit.id === chosen ? "tree-item chosen" : "tree-item"} hasChildItems={inside.length > 0}>
      <TreeItemContent>
        {inside.length > 0 ? (
          <Button slot="chevron" className="chevron" aria-label={t("org.units.open")}>
            <span aria-hidden="true" className="arrow" />
          </Button>
        ) : (
          <span className="chevron" />
        )}
        <span className="tree-name">{unit.name}</span>
        <span className="small muted">{t(`org.unit.kind.${unit.kind}`)}</span>
      </TreeItemContent>
      {/* One level more than is seen, so that the row can be opened. */}
      {visible && inside.map((one) => <Item key={one.id} unit={one} visible={expanded.has(unit.id)} below={below} expanded={expanded} chosen={chosen} />)}
    </TreeItem>
  );
}
