import { useId, type ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import { Text as Hint } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField } from "react-aria-components/TextField";

interface Common {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string | undefined;
  /** What is wrong with the value, once somebody should know. */
  wrong?: string | undefined;
  max?: number;
}

interface TextProps extends Common {
  lines?: boolean;
  large?: boolean;
  required?: boolean;
  id?: string;
  autoFocus?: boolean;
}

export function TextInput({ label, value, onChange, hint, wrong, max, lines, large, required, id, autoFocus }: TextProps) {
  return (
    <TextField className="field" value={value} onChange={onChange} isInvalid={Boolean(wrong)} isRequired={Boolean(required)} autoFocus={Boolean(autoFocus)} {...(max ? { maxLength: max } : {})} validationBehavior="aria">
      <Label>{label}</Label>
      {hint && <Hint slot="description" className="hint">{hint}</Hint>}
      {lines ? <TextArea id={id} className={large ? "large" : ""} rows={large ? 3 : 4} /> : <Input id={id} type="text" />}
      {wrong && <FieldError className="wrong">{wrong}</FieldError>}
    </TextField>
  );
}

interface ChoiceProps<V extends string> {
  label: string;
  value: V | "";
  onChange: (value: V) => void;
  options: readonly { value: V; words: ReactNode }[];
  wrong?: string | undefined;
}

export function Choice<V extends string>({ label, value, onChange, options, wrong }: ChoiceProps<V>) {
  return (
    <RadioGroup className="field" value={value || null} onChange={(v) => onChange(v as V)} isInvalid={Boolean(wrong)} validationBehavior="aria">
      <Label>{label}</Label>
      <div className="choices">
        {options.map((o) => (
          <Radio key={o.value} value={o.value} className="choice">
            <span>{o.words}</span>
          </Radio>
        ))}
      </div>
      {wrong && <FieldError className="wrong">{wrong}</FieldError>}
    </RadioGroup>
  );
}

interface SelectProps extends Common {
  options: readonly { value: string; words: string }[];
  /** The label is there for screen readers only. */
  bare?: boolean;
}

/** The browser's own list: nothing works better on a phone. */
export function SelectInput({ label, value, onChange, options, hint, bare }: SelectProps) {
  const id = useId();
  return (
    <div className={bare ? "" : "field"}>
      <label className={bare ? "unseen" : ""} htmlFor={id}>
        {label}
      </label>
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <select id={id} aria-describedby={hint ? `${id}-hint` : undefined} value={value} onChange={(e) => onChange(e.target.value)}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.words}
          </option>
        ))}
      </select>
    </div>
  );
}

export function SearchInput({ label, value, onChange }: Common) {
  return (
    <label>
      <span className="unseen">{label}</span>
      <input type="search" data-search placeholder={label} value={value} onChange={(e) => onChange(e.target.value)} maxLength={200} />
    </label>
  );
}
