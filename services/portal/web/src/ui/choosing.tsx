import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { membership, read } from "../api/client";
import { useUnits } from "../api/names";
import { pathOf } from "../api/units";
import { ComboInput } from "./ComboInput";
import { useDebounced } from "./debounced";

interface Props {
  label: string;
  value: string;
  onChange: (id: string) => void;
  hint?: string | undefined;
  wrong?: string | undefined;
  autoFocus?: boolean | undefined;
}

/** A unit in use, found by its name or that of one above it. */
export function UnitInput({ not, ...field }: Props & { not?: (unit: string) => boolean }) {
  const units = useUnits();
  const options = [...units.values()]
    .filter((u) => !u.closed && !not?.(u.id))
    .map((u) => ({ id: u.id, name: u.name, about: pathOf(units, u.parent) }))
    .sort((a, b) => a.name.localeCompare(b.name));
  // The list takes its options once: it is there when they are.
  return units.size === 0 ? null : <ComboInput {...field} options={options} />;
}

/** An active person, looked up by name. */
export function PersonInput(field: Props) {
  const units = useUnits();
  const [text, setText] = useState("");
  const settled = useDebounced(text.trim(), 200);
  const found = useQuery({
    queryKey: ["people", "choosing", settled],
    queryFn: () => read(membership.GET("/people", { params: { query: { query: settled, limit: 12 } } })),
    placeholderData: (before) => before,
  });
  const options = (found.data?.items ?? []).map((p) => ({ id: p.id, name: p.name, about: units.get(p.unit ?? "")?.name ?? "" }));
  return <ComboInput {...field} options={options} onType={setText} />;
}
