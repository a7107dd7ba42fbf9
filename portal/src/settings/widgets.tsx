import { Checkbox, PasswordInput, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { WidgetProps } from "@rjsf/utils";
import type { JsonObject } from "../api/types";
import { NUMBER_OR_TEXT, numberOrText, TAGS } from "./schema";

type Props = WidgetProps<JsonObject>;

function common(props: Props) {
  const shown = !props.hideLabel;
  return {
    id: props.id,
    name: props.id,
    label: shown ? props.label || undefined : undefined,
    "aria-label": shown ? undefined : props.label,
    description: shown ? props.options.description || props.schema.description : undefined,
    required: props.required ?? false,
    disabled: props.disabled ?? false,
    readOnly: props.readonly ?? false,
    error: props.rawErrors?.length ? props.rawErrors.join("; ") : undefined,
    autoComplete: "off",
    spellCheck: false,
  };
}

function NumberOrText(props: Props) {
  return (
    <TextInput
      {...common(props)}
      value={props.value === undefined || props.value === null ? "" : String(props.value)}
      onChange={(event) => props.onChange(numberOrText(event.currentTarget.value, { type: ["string", "number"] }))}
    />
  );
}

/** A list of short texts or numbers: type one, press Enter. */
function Tags(props: Props) {
  const items = (props.schema.items ?? {}) as JsonObject;
  const value = Array.isArray(props.value) ? props.value.map(String) : [];
  return (
    <TagsInput
      {...common(props)}
      placeholder={value.length === 0 ? "Type one and press Enter" : ""}
      value={value}
      onChange={(texts) => props.onChange(texts.map((text) => numberOrText(text, items)))}
      splitChars={[]}
      allowDuplicates={props.schema.uniqueItems !== true}
      acceptValueOnBlur
      comboboxProps={{ withinPortal: true }}
    />
  );
}

function Lines(props: Props) {
  const rows = typeof props.options.rows === "number" ? props.options.rows : 4;
  return (
    <Textarea
      {...common(props)}
      value={typeof props.value === "string" ? props.value : ""}
      onChange={(event) => props.onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
      autosize
      minRows={Math.min(rows, 6)}
      maxRows={Math.max(rows, 20)}
    />
  );
}

function Check(props: Props) {
  const { label, description, error, id, name, disabled } = common(props);
  return (
    <Checkbox
      id={id}
      name={name}
      label={label ?? props.label}
      description={description}
      error={error}
      disabled={disabled || (props.readonly ?? false)}
      checked={props.value === true}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  );
}

/** Longer secrets are scripts and keys: they have lines. */
const ONE_LINE = 4_096;

function Secret(props: Props) {
  const change = (text: string) => props.onChange(text === "" ? props.options.emptyValue : text);
  const long = typeof props.schema.maxLength === "number" && props.schema.maxLength > ONE_LINE;
  const value = typeof props.value === "string" ? props.value : "";
  return long ? (
    <Textarea
      {...common(props)}
      className="masked"
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      autosize
      minRows={3}
      maxRows={14}
    />
  ) : (
    <PasswordInput
      {...common(props)}
      autoComplete="new-password"
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

export const WIDGETS = {
  [NUMBER_OR_TEXT]: NumberOrText,
  [TAGS]: Tags,
  TextareaWidget: Lines,
  CheckboxWidget: Check,
};

export const SECRET_WIDGETS = {
  [NUMBER_OR_TEXT]: Secret,
  TextWidget: Secret,
  TextareaWidget: Secret,
  PasswordWidget: Secret,
  EmailWidget: Secret,
  URLWidget: Secret,
  CheckboxWidget: Check,
};
