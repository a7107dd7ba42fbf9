import "@mantine/dates/styles.css";
import { type IChangeEvent, withTheme } from "@rjsf/core";
import { Theme } from "@rjsf/mantine";
import { englishStringTranslator, type RJSFSchema, TranslatableString } from "@rjsf/utils";
import { useMemo } from "react";
import type { JsonObject } from "../api/types";
import { AddButton, Description, GroupField, Heading, ListField, ListItem } from "./FormParts";
import classes from "./SchemaForm.module.css";
import { forForm } from "./schema";
import { validatorFor } from "./validator";
import { SECRET_WIDGETS, WIDGETS } from "./widgets";

const ThemedForm = withTheme<JsonObject>({
  ...Theme,
  templates: {
    ...Theme.templates,
    ArrayFieldTemplate: ListField,
    ArrayFieldItemTemplate: ListItem,
    ObjectFieldTemplate: GroupField,
    TitleFieldTemplate: Heading,
    DescriptionFieldTemplate: Description,
    ButtonTemplates: { ...Theme.templates?.ButtonTemplates, AddButton },
  },
});

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
  const form = useMemo(() => forForm(schema, uiSchema, !secret), [schema, uiSchema, secret]);
  const validator = useMemo(() => validatorFor(schema, !secret), [schema, secret]);
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
      translateString={words}
      showErrorList={false}
      focusOnFirstError
      noHtml5Validate
      experimental_defaultFormStateBehavior={{ emptyObjectFields: "skipEmptyDefaults" }}
      onChange={(event: IChangeEvent<JsonObject>) => onChange(event.formData ?? {})}
      onSubmit={onSubmit}
      onError={nothing}
    />
  );
}

/** The library would put "New Value" into a new field: behind dots nobody sees that it is not empty. */
function words(text: TranslatableString, params?: string[]): string {
  switch (text) {
    case TranslatableString.NewStringDefault:
      return "";
    case TranslatableString.KeyLabel:
      return "Name";
    default:
      return englishStringTranslator(text, params);
  }
}

/** What does not fit is shown at its field; the library would also write it to the console. */
function nothing(): void {}
