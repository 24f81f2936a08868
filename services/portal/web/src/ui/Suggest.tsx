import { useId, useState } from "react";

interface Found {
  id: string;
  name: string;
  about?: string | undefined;
}

interface Props {
  label: string;
  /** What the chosen one is called, "" if none is chosen. */
  chosen: string;
  found: readonly Found[];
  onSearch: (text: string) => void;
  onChoose: (id: string) => void;
}

/** Finds one of many by a part of the name, in the browser's own list of suggestions. */
export function Suggest({ label, chosen, found, onSearch, onChoose }: Props) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const change = (text: string) => {
    const one = found.find((f) => f.name === text);
    setTyped(one || !text ? undefined : text);
    if (one) onChoose(one.id);
    else if (!text) onChoose("");
    onSearch(text);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="text" list={`${id}-found`} value={typed ?? chosen} onChange={(e) => change(e.target.value)} onBlur={() => setTyped(undefined)} maxLength={200} autoComplete="off" />
      <datalist id={`${id}-found`}>
        {found.map((f) => (
          <option key={f.id} value={f.name}>
            {f.about}
          </option>
        ))}
      </datalist>
    </div>
  );
}
