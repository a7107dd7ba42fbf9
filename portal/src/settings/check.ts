import { type OutputUnit, Validator } from "@cfworker/json-schema";
import type { JsonObject } from "../api/types";

/** One thing that does not fit, and where. */
export interface Misfit {
  path: string[];
  message: string;
}

/**
 * Checks a value against a schema, draft-07. The interpreter is one that makes no code at run time: the portal's content security policy
 * forbids that. The server checks again; this is only to answer sooner.
 */
export function check(schema: JsonObject, value: unknown): Misfit[] {
  const result = new Validator(schema, "7", false).validate(withoutUndefined(value));
  if (result.valid) {
    return [];
  }
  const misfits: Misfit[] = [];
  for (const error of result.errors) {
    // "false" forbids a setting; the rule around it says so with the setting's name.
    if (error.keyword === "false" || result.errors.some((other) => isDeeper(other, error))) {
      continue;
    }
    const misfit = translate(error);
    if (!misfits.some((one) => one.path.join("/") === misfit.path.join("/") && one.message === misfit.message)) {
      misfits.push(misfit);
    }
  }
  return misfits;
}

/** A rule that failed only because one inside it did says nothing of its own. */
function isDeeper(other: OutputUnit, error: OutputUnit): boolean {
  return (
    other !== error &&
    other.keyword !== "false" &&
    (other.instanceLocation.startsWith(`${error.instanceLocation}/`) ||
      other.keywordLocation.startsWith(`${error.keywordLocation}/`)) &&
    !["required", "anyOf", "oneOf"].includes(error.keyword) &&
    ["properties", "items", "additionalProperties", "patternProperties", "allOf", "$ref"].includes(error.keyword)
  );
}

function translate(error: OutputUnit): Misfit {
  const path = error.instanceLocation
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  const named = /property "([^"]*)"/i.exec(error.error)?.[1];
  switch (error.keyword) {
    case "required":
      return { path: named === undefined ? path : [...path, named], message: "is required" };
    case "additionalProperties":
      return { path, message: named === undefined ? error.error : `there is no setting "${named}"` };
    case "pattern":
      return { path, message: "is not of the form this setting needs" };
    case "minLength":
      return { path, message: "must not be empty" };
    default:
      return { path, message: error.error.replace(/^Instance /, "").replace(/\.$/, "") };
  }
}

/** A cleared field is undefined in the form's data, and absent for JSON. */
function withoutUndefined(value: unknown): unknown {
  return value === undefined ? {} : JSON.parse(JSON.stringify(value));
}
