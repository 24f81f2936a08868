import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import type { Membership } from "../api/client";
import { useT } from "../i18n";
import { Face, UnitName } from "../ui/people";

type Member = Membership["Member"];
type Line = { key: string; role: Member["role"] } | { key: string; member: Member };

/** The list as it is drawn: each role with its name above. */
function linesOf(members: readonly Member[]): Line[] {
  return members.flatMap((m, i): Line[] => [...(members[i - 1]?.role === m.role ? [] : [{ key: `role ${m.role}`, role: m.role }]), { key: m.person, member: m }]);
}

interface Props {
  members: readonly Member[];
  more: () => void;
  /** For those who may change what somebody is here. */
  change?: (member: Member) => void;
}

/** Members by role, never by rank. Only the rows on the screen are in the document; the next page comes near the end. */
export function MemberRows({ members, more, change }: Props) {
  const t = useT();
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const lines = linesOf(members);
  // What is above the list comes and goes.
  useLayoutEffect(() => {
    const measure = () => setTop((list.current?.getBoundingClientRect().top ?? 0) + scrollY);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: lines.length,
    estimateSize: (i) => (lines[i] && "role" in lines[i] ? 52 : 64),
    overscan: 8,
    scrollMargin: top,
    getItemKey: (i) => lines[i]?.key ?? i,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useLayoutEffect(() => {
    if (last >= lines.length - 20) more();
  });
  return (
    <ul className="people virtual" ref={list} style={{ height: rows.getTotalSize() }}>
      {items.map((item) => {
        const line = lines[item.index];
        if (!line) return null;
        const style = { transform: `translateY(${item.start - top}px)`, height: item.size };
        if ("role" in line)
          return (
            <li key={item.key} className="role" style={style}>
              <h3>{t(`role.${line.role}`)}</h3>
            </li>
          );
        const m = line.member;
        return (
          <li key={item.key} data-row style={style}>
            <Face name={m.name} />
            <span className="line">
              <Link className="row-title" to={`/people/${m.person}`}>
                {m.name ?? t("person.former")}
              </Link>
              <span className="small muted unit">
                <UnitName id={m.unit} />
              </span>
            </span>
            {change && (
              <Button className="button quiet" aria-label={t("member.change.of", { name: m.name ?? t("person.former") })} onPress={() => change(m)}>
                {t("member.change")}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
