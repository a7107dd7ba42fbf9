import { Validator } from "@cfworker/json-schema";
import {
  type CustomValidator,
  ErrorSchemaBuilder,
  type RJSFSchema,
  type RJSFValidationError,
  type ValidationData,
  type ValidatorType,
} from "@rjsf/utils";
import type { JsonObject } from "../api/types";
import { check, type Misfit } from "./check";

/**
 * The form library's view of our checks. It draws an adapted schema, but what counts is the extension's own.
 *
 * @param tags whether lists of short values are one field, which then shows what is wrong with its elements
 */
export function validatorFor(own: JsonObject, tags: boolean): ValidatorType<JsonObject> {
  return {
    validateFormData(data: JsonObject | undefined, _schema: RJSFSchema, _custom?: CustomValidator<JsonObject>) {
      const builder = new ErrorSchemaBuilder<JsonObject>();
      const errors: RJSFValidationError[] = [];
      for (const misfit of check(own, data ?? {})) {
        const { path, message } = tags ? atItsField(misfit, data) : misfit;
        builder.addErrors(message, path);
        const property = `.${path.join(".")}`;
        errors.push({ name: "schema", property, message, stack: `${property} ${message}` });
      }
      return { errors, errorSchema: builder.ErrorSchema } as ValidationData<JsonObject>;
    },
    isValid(schema: RJSFSchema, data: JsonObject | undefined, root: RJSFSchema): boolean {
      try {
        const rooted = { definitions: root.definitions, ...schema } as JsonObject;
        return new Validator(rooted, "7").validate(data).valid;
      } catch {
        return false;
      }
    },
    rawValidation: () => ({ errors: [] }),
  };
}

/** An element drawn as a tag has no place for a message; its list has. */
function atItsField(misfit: Misfit, data: unknown): Misfit {
  const index = misfit.path[misfit.path.length - 1];
  let value: unknown = data;
  for (const part of misfit.path) {
    value = typeof value === "object" && value !== null ? (value as JsonObject)[part] : undefined;
  }
  if (index === undefined || !/^\d+$/.test(index) || (typeof value !== "string" && typeof value !== "number")) {
    return misfit;
  }
  const { message } = misfit;
  const named = message.includes(String(value)) ? message : `${JSON.stringify(value)} ${message}`;
  return { path: misfit.path.slice(0, -1), message: named };
}
