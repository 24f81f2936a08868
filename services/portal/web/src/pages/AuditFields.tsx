import type { ReactNode } from "react";
import type { Audit } from "../api/client";
import { useWords } from "../api/log";
import { useT } from "../i18n";
import { Name } from "../ui/people";
import { Called, Exact } from "./AuditParts";

type Text = Audit["OpenedText"];

// Fields that hold a person's id, and those whose values are codes with words.
const people = ["person", "founder", "asker", "author", "host", "last", "newcomer", "buddy", "helper"];
const coded = ["availability", "cause", "channel", "code", "from", "joining", "kind", "language", "purpose", "role", "scope", "to", "via", "visibility", "what"];

/** What an event says, field by field, with its sealed texts in their places. */
export function Fields({ data, texts }: { data: Record<string, unknown>; texts: readonly Text[] }) {
  const t = useT();
  const names = Object.keys(data).filter((name) => data[name] !== "" && data[name] !== null);
  if (names.length === 0) return <p className="empty">{t("audit.content.none")}</p>;
  return <Group data={data} path="" texts={new Map(texts.map((x) => [x.field, x]))} />;
}

interface Within {
  path: string;
  texts: ReadonlyMap<string, Text>;
}

function Group({ data, path, texts }: Within & { data: Record<string, unknown> }) {
  const words = useWords();
  return (
    <dl className="facts event-fields">
      {Object.entries(data).map(([name, value]) => {
        if (value === "" || value === null) return null;
        return (
          <div key={name}>
            <dt>{words("field", name)}</dt>
            <dd>
              <Value name={name} value={value} path={path ? `${path}.${name}` : name} texts={texts} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Value({ name, value, path, texts }: Within & { name: string; value: unknown }): ReactNode {
  const words = useWords();
  const sealed = texts.get(path);
  if (sealed) return <Sealed text={sealed} />;
  if (Array.isArray(value)) {
    const plain = value.every((v) => typeof v !== "object");
    return (
      <ul className={plain ? "inline" : "nested"}>
        {value.map((v, i) => (
          <li key={i}>
            <Value name={name} value={v} path={`${path}.${i}`} texts={texts} />
          </li>
        ))}
      </ul>
    );
  }
  if (typeof value === "object" && value !== null) return <Group data={value as Record<string, unknown>} path={path} texts={texts} />;
  if (typeof value === "boolean") return words("code", String(value));
  if (typeof value !== "string") return <code>{String(value)}</code>;
  if (people.includes(name)) return <Name id={value} />;
  if (name === "community") return <Called aggregate="community" id={value} />;
  if (["unit", "from_unit", "to_unit", "parent"].includes(name)) return <Called aggregate="unit" id={value} />;
  if (coded.includes(name)) return words("code", value);
  if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)) return <Exact at={value} />;
  return value;
}

/** A text that is sealed with a person's key: whose, whether it can be opened, and what it says if it was. */
function Sealed({ text }: { text: Text }) {
  const t = useT();
  if (text.text !== undefined) return <blockquote className="opened">{text.text}</blockquote>;
  if (text.erased) return <span className="muted">{t("audit.sealed.erased")}</span>;
  return (
    <span className="muted">
      {text.class === "identity" ? t("audit.sealed.identity") : t("audit.sealed.content")} <Name id={text.person} />
    </span>
  );
}
