import { Link } from "react-router";
import { useName, useUnits } from "../api/names";
import { useT } from "../i18n";
import { pending } from "./now";

export function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  return ((parts[0]?.[0] ?? "") + (parts.length > 1 ? (parts.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

export function Face({ name }: { name: string | undefined }) {
  return (
    <span className="face" aria-hidden="true">
      {name && initials(name)}
    </span>
  );
}

export function FaceOf({ id }: { id: string }) {
  return <Face name={useName(id)?.name} />;
}

/** A person's name, which leads to them. */
export function Name({ id }: { id: string }) {
  const t = useT();
  const person = useName(id);
  if (!person) return <span className="muted">{pending}</span>;
  if (person.former || !person.name) return <span>{t("person.former")}</span>;
  return <Link to={`/people/${id}`}>{person.name}</Link>;
}

export function UnitName({ id }: { id: string | undefined }) {
  return <>{useUnits().get(id ?? "")?.name}</>;
}

/** Where a person works, by their id. */
export function UnitOf({ person }: { person: string }) {
  const unit = useUnits().get(useName(person)?.unit ?? "");
  return unit ? <span>{unit.name}</span> : null;
}
