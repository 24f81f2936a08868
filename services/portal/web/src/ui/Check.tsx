interface Props {
  label: string;
  /** The label is there for screen readers only. */
  bare?: boolean;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

/** The browser's own box, large enough for a finger. */
export function Check({ label, bare, checked, onChange, disabled }: Props) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} disabled={Boolean(disabled)} onChange={(e) => onChange(e.target.checked)} />
      <span className={bare ? "unseen" : ""}>{label}</span>
    </label>
  );
}
