import type { JsonObject } from "../api/types";

const WIDGETS = ["text", "textarea", "password", "radio", "select", "checkbox", "checkboxes", "updown", "range"];
const TEXTS = ["ui:title", "ui:description", "ui:help", "ui:placeholder"];

/**
 * The hints of a publisher's uiSchema that we follow. The form library hands what it does not know on to the components it draws, and a
 * publisher must not reach into those.
 *
 * @param properties the names that an order may name
 */
export function knownHints(ui: JsonObject, properties: string[]): JsonObject {
  const hints: JsonObject = {};
  const order = ui["ui:order"];
  if (Array.isArray(order)) {
    // A name that is missing or unknown would be an error of the whole form.
    hints["ui:order"] = [...new Set(order.filter((name) => properties.includes(String(name)))), "*"];
  }
  if (WIDGETS.includes(String(ui["ui:widget"]))) {
    hints["ui:widget"] = ui["ui:widget"];
  }
  for (const key of TEXTS) {
    if (typeof ui[key] === "string") {
      hints[key] = ui[key];
    }
  }
  const options = ui["ui:options"];
  if (typeof options === "object" && options !== null && "rows" in options && typeof options.rows === "number") {
    hints["ui:options"] = { rows: Math.min(Math.max(Math.round(options.rows), 1), 60) };
  }
  return hints;
}
