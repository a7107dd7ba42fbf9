import "@mantine/dates/styles.css";
import { PasswordInput, Textarea, TextInput } from "@mantine/core";
import { type IChangeEvent, withTheme } from "@rjsf/core";
import { Theme } from "@rjsf/mantine";
import type { RJSFSchema, WidgetProps } from "@rjsf/utils";
import { useMemo } from "react";
import type { JsonObject } from "../api/types";
import classes from "./SchemaForm.module.css";
import { forForm, NUMBER_OR_TEXT } from "./schema";
import { validatorFor } from "./validator";

const ThemedForm = withTheme<JsonObject>(Theme);

interface SchemaFormProps {
  /** Ties the form to its submit button outside of it. */
  id: string;
  schema: JsonObject;
  uiSchema: JsonObject | null;
  value: JsonObject;
  /** Every text is a secret: masked, never filled in by the browser. */
  secret?: boolean;
  onChange: (value: JsonObject) => void;
  onSubmit: () => void;
}

/** A form drawn from an extension's JSON Schema. */
export function SchemaForm({ id, schema, uiSchema, value, secret = false, onChange, onSubmit }: SchemaFormProps) {
  const form = useMemo(() => forForm(schema, uiSchema), [schema, uiSchema]);
  const validator = useMemo(() => validatorFor(schema), [schema]);
  return (
    <ThemedForm
      id={id}
      className={classes.form}
      idPrefix={id}
      schema={{ ...form.schema, title: "", description: "" } as RJSFSchema}
      uiSchema={{ ...form.uiSchema, "ui:submitButtonOptions": { norender: true } }}
      formData={value}
      validator={validator}
      widgets={secret ? SECRET_WIDGETS : WIDGETS}
      showErrorList={false}
      focusOnFirstError
      noHtml5Validate
      experimental_defaultFormStateBehavior={{ emptyObjectFields: "skipEmptyDefaults" }}
      onChange={(event: IChangeEvent<JsonObject>) => onChange(event.formData ?? {})}
      onSubmit={onSubmit}
    />
  );
}

function common(props: WidgetProps<JsonObject>) {
  return {
    id: props.id,
    name: props.id,
    label: props.hideLabel ? undefined : props.label || undefined,
    "aria-label": props.hideLabel ? props.label : undefined,
    // Empty for the theme, which draws the description itself where it draws the label.
    description: props.hideLabel ? undefined : props.options.description || props.schema.description,
    required: props.required ?? false,
    disabled: props.disabled ?? false,
    readOnly: props.readonly ?? false,
    error: props.rawErrors?.length ? props.rawErrors.join("; ") : undefined,
    autoComplete: "off",
    spellCheck: false,
  };
}

function NumberOrText(props: WidgetProps<JsonObject>) {
  return (
    <TextInput
      {...common(props)}
      value={props.value === undefined || props.value === null ? "" : String(props.value)}
      onChange={(event) => {
        const text = event.currentTarget.value;
        props.onChange(text === "" ? undefined : /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text);
      }}
    />
  );
}

/** Longer secrets are scripts and keys: they have lines. */
const ONE_LINE = 4_096;

function Secret(props: WidgetProps<JsonObject>) {
  const change = (text: string) => props.onChange(text === "" ? undefined : text);
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

const WIDGETS = { [NUMBER_OR_TEXT]: NumberOrText };
const SECRET_WIDGETS = {
  [NUMBER_OR_TEXT]: Secret,
  TextWidget: Secret,
  TextareaWidget: Secret,
  PasswordWidget: Secret,
  EmailWidget: Secret,
  URLWidget: Secret,
};
