import { useContext } from "react";
import { Button } from "react-aria-components/Button";
import { ComboBox, ComboBoxStateContext } from "react-aria-components/ComboBox";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Text as Hint } from "react-aria-components/Text";
import { useT } from "../i18n";
import "../styles/combo.css";

export interface Option {
  id: string;
  name: string;
  about: string;
}

interface Props {
  label: string;
  options: readonly Option[];
  value: string;
  onChange: (id: string) => void;
  hint?: string | undefined;
  wrong?: string | undefined;
  /** What was typed, where the options are looked up by it: then they are not filtered again. */
  onType?: (text: string) => void;
  autoFocus?: boolean | undefined;
}

/** One of many, found by typing a part of it. */
export function ComboInput({ label, options, value, onChange, hint, wrong, onType, autoFocus }: Props) {
  const t = useT();
  return (
    <ComboBox
      className="field combo"
      {...(onType ? { items: options, onInputChange: onType, defaultFilter: () => true } : { defaultItems: options })}
      selectedKey={value || null}
      onSelectionChange={(key) => onChange(key === null ? "" : String(key))}
      menuTrigger="focus"
      autoFocus={Boolean(autoFocus)}
      allowsEmptyCollection
      isInvalid={Boolean(wrong)}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      {hint && (
        <Hint slot="description" className="hint">
          {hint}
        </Hint>
      )}
      <div className="combo-box">
        <Input type="text" maxLength={200} />
        <Button aria-label={t("combo.open")} className="button quiet">
          <span aria-hidden="true" className="arrow" />
        </Button>
      </div>
      {wrong && <FieldError className="wrong">{wrong}</FieldError>}
      <Found />
    </ComboBox>
  );
}

/**
 * The options. The list belongs to the page and goes along when that is scrolled: on a
 * phone people scroll to see more of it. By itself a popover would close then
 * (adobe/react-spectrum issue 9467); everything else that closes it still does.
 */
function Found() {
  const t = useT();
  const combo = useContext(ComboBoxStateContext);
  return (
    <Popover className="combo-list" maxHeight={320} isOpen={combo?.isOpen ?? false} onOpenChange={() => window.event?.type !== "scroll" && combo?.close()}>
      <ListBox renderEmptyState={() => <p className="empty">{t("combo.empty")}</p>}>
        {(o: Option) => (
          <ListBoxItem id={o.id} textValue={[o.name, o.about].filter(Boolean).join(", ")} className="option">
            <span>{o.name}</span>
            <span className="small muted">{o.about}</span>
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  );
}
