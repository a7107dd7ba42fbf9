import type { JsonObject } from "../api/types";
import { knownHints } from "./hints";

/** The name of our widget for values that may be number or text, such as a port or a range of ports. */
export const NUMBER_OR_TEXT = "numberOrText";
/** The name of our widget for lists of short values. */
export const TAGS = "tags";

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface Form {
  schema: JsonObject;
  uiSchema: JsonObject;
}

function types(schema: JsonObject): unknown[] {
  return Array.isArray(schema.type) ? schema.type : [schema.type];
}

function takesNumber(schema: JsonObject): boolean {
  return types(schema).some((type) => type === "integer" || type === "number");
}

/** What somebody typed, as the schema wants it: digits are a number where one may stand. */
export function numberOrText(text: string, schema: JsonObject): string | number | undefined {
  if (text === "") {
    return undefined;
  }
  return takesNumber(schema) && /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

function isShort(items: JsonObject): boolean {
  return !("enum" in items) && types(items).every((type) => ["string", "integer", "number"].includes(String(type)));
}

/**
 * The schema as the form library can draw it. It knows one type per field; where a schema allows number and text, the field becomes a
 * text field whose widget makes numbers of digits. Checking is always done with the schema itself, never with this one.
 *
 * @param tags whether lists of short values are drawn as tags
 */
export function forForm(schema: JsonObject, uiSchema: JsonObject | null, tags = true): Form {
  const drawn: JsonObject = { ...schema };
  // The dialog has the title already, and $schema names a dialect the library need not load.
  delete drawn.$schema;
  const { properties, items, additionalProperties, description } = schema;
  const given = uiSchema ?? {};
  const ui = knownHints(given, isObject(properties) ? Object.keys(properties) : []);
  if (takesNumber(schema) && types(schema).includes("string")) {
    drawn.type = "string";
    for (const keyword of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
      delete drawn[keyword];
    }
    ui["ui:widget"] ??= NUMBER_OR_TEXT;
  }
  if (typeof description === "string" && schema.type !== "object" && schema.type !== "array") {
    // Some of the theme's widgets show only this one.
    ui["ui:description"] ??= description;
  }
  if (isObject(properties)) {
    const drawnProperties: JsonObject = {};
    for (const [key, child] of Object.entries(properties)) {
      const form = forForm(isObject(child) ? child : {}, objectOrNull(given[key]), tags);
      drawnProperties[key] = form.schema;
      ui[key] = form.uiSchema;
    }
    drawn.properties = drawnProperties;
  }
  if (isObject(items)) {
    if (tags && isShort(items)) {
      ui["ui:widget"] ??= TAGS;
    } else {
      const form = forForm(items, objectOrNull(given.items), tags);
      drawn.items = form.schema;
      ui.items = form.uiSchema;
    }
  }
  if (isObject(additionalProperties)) {
    const form = forForm(additionalProperties, objectOrNull(given.additionalProperties), tags);
    drawn.additionalProperties = form.schema;
    ui.additionalProperties = { "ui:title": "Value", ...form.uiSchema };
  }
  return { schema: drawn, uiSchema: ui };
}

function objectOrNull(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

/** Whether a schema leaves anything to fill in. */
export function hasFields(schema: JsonObject | null): boolean {
  if (schema === null) {
    return true;
  }
  const { properties } = schema;
  if (isObject(properties) && Object.keys(properties).length > 0) {
    return true;
  }
  return schema.additionalProperties !== false;
}

/** An extension without a schema takes anything; people type names and texts. */
export const ANY_TEXTS: JsonObject = { type: "object", additionalProperties: { type: "string" } };

export function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => same(value, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    return keys.length === Object.keys(other).length && keys.every((key) => key in other && same(one[key], other[key]));
  }
  return Object.is(one, other);
}

function empty(value: unknown): boolean {
  return (
    value === undefined ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

/**
 * What of a filled form to send: values the form put in by itself (defaults, empty lists) are left away unless they were there before,
 * so that an extension may still change its defaults later and the settings say what a person said.
 */
export function meant(filled: JsonObject, schema: JsonObject | null, before: JsonObject): JsonObject {
  const properties = isObject(schema?.properties) ? schema.properties : {};
  const required = Array.isArray(schema?.required) ? schema.required : [];
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(filled)) {
    if (value === undefined) {
      continue;
    }
    const child = isObject(properties[key]) ? properties[key] : null;
    const inner = meantInside(value, child, before[key]);
    const byItself = (child !== null && "default" in child && same(value, child.default)) || empty(inner);
    if (key in before || required.includes(key) || !byItself) {
      kept[key] = inner;
    }
  }
  return kept;
}

function meantInside(value: unknown, schema: JsonObject | null, before: unknown): unknown {
  if (isObject(value)) {
    return meant(value, schema, isObject(before) ? before : {});
  }
  if (Array.isArray(value) && isObject(schema?.items)) {
    const { items } = schema;
    // Elements that moved are compared with another one: what is lost by that is only the mention of a default.
    return value.map((one, index) => meantInside(one, items, Array.isArray(before) ? before[index] : undefined));
  }
  return value;
}

export interface SettingRow {
  path: string;
  type: string;
  title: string;
  description: string;
  required: boolean;
  defaultText: string;
  limits: string;
}

/** A schema as rows of a table, nested settings below their parent; a list's elements are written rules[].name. */
export function rows(schema: JsonObject | null): SettingRow[] {
  const found: SettingRow[] = [];
  if (schema) {
    collect(schema, "", found);
  }
  return found;
}

function collect(schema: JsonObject, prefix: string, into: SettingRow[]): void {
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (isObject(schema.properties)) {
    for (const [key, child] of Object.entries(schema.properties)) {
      if (isObject(child)) {
        const path = prefix + key;
        into.push(row(child, path, required.includes(key)));
        collect(child, `${path}.`, into);
        if (isObject(child.items)) {
          collect(child.items, `${path}[].`, into);
        }
      }
    }
  }
}

function row(schema: JsonObject, path: string, required: boolean): SettingRow {
  return {
    path,
    type: typeText(schema),
    title: typeof schema.title === "string" ? schema.title : "",
    description: typeof schema.description === "string" ? schema.description : "",
    required,
    defaultText: "default" in schema ? JSON.stringify(schema.default) : "",
    limits: limits(schema),
  };
}

function typeText(schema: JsonObject): string {
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : String(schema.type ?? "any");
  if (type === "array" && isObject(schema.items)) {
    return `list of ${typeText(schema.items)}`;
  }
  return type;
}

function limits(schema: JsonObject): string {
  const parts: string[] = [];
  if (Array.isArray(schema.enum)) {
    parts.push(`one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`);
  }
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) {
    parts.push(`${minimum} to ${maximum}`);
  } else if (minimum !== undefined) {
    parts.push(`at least ${minimum}`);
  } else if (maximum !== undefined) {
    parts.push(`at most ${maximum}`);
  }
  if (typeof schema.pattern === "string") {
    parts.push(`matches ${schema.pattern}`);
  }
  return parts.join("; ");
}
