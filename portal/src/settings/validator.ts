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
import { check } from "./check";

/** The form library's view of our checks. It draws an adapted schema, but what counts is the extension's own. */
export function validatorFor(own: JsonObject): ValidatorType<JsonObject> {
  return {
    validateFormData(data: JsonObject | undefined, _schema: RJSFSchema, _custom?: CustomValidator<JsonObject>) {
      const builder = new ErrorSchemaBuilder<JsonObject>();
      const errors: RJSFValidationError[] = [];
      for (const { path, message } of check(own, data ?? {})) {
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
