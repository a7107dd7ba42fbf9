import { describe, expect, test } from "vitest";
import type { JsonObject } from "../api/types";
import { check } from "./check";
import { knownHints } from "./hints";
import { forForm, hasFields, meant, NUMBER_OR_TEXT, numberOrText, rows, TAGS } from "./schema";

const FIREWALL: JsonObject = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  additionalProperties: false,
  properties: {
    defaultInbound: {
      type: "string",
      title: "Other",
      description: "The rest.",
      enum: ["accept", "drop"],
      default: "drop",
    },
    port: { type: ["integer", "string"], minimum: 1, maximum: 65535, pattern: "^[0-9-]+$" },
    rules: {
      type: "array",
      default: [],
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name"],
        properties: {
          name: { type: "string", maxLength: 5 },
          ports: { type: "array", items: { type: ["integer", "string"], minimum: 1, maximum: 65535 } },
        },
      },
    },
  },
};

function places(value: JsonObject) {
  return check(FIREWALL, value).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("checking settings", () => {
  test("takes what fits", () => {
    expect(
      places({ defaultInbound: "drop", port: "80-90", rules: [{ name: "web", ports: [80, "8000-8100"] }] }),
    ).toEqual([]);
  });
  test("takes a cleared field as absent", () => expect(places({ defaultInbound: undefined })).toEqual([]));
  test("names the setting that is not known", () => {
    expect(places({ defaultInbund: "drop" })).toEqual([': there is no setting "defaultInbund"']);
  });
  test("puts a missing setting where it belongs", () => {
    expect(places({ rules: [{ ports: [] }] })).toEqual(["rules.0.name: is required"]);
  });
  test("finds the innermost misfit only", () => {
    const found = places({ rules: [{ name: "ok" }, { name: "far too long" }] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^rules\.1\.name: /);
  });
  test("holds numbers to their limits", () => {
    expect(places({ rules: [{ name: "x", ports: [70_000] }] })[0]).toMatch(/^rules\.0\.ports\.0: .*65535/);
  });
});

describe("drawing settings", () => {
  const { schema, uiSchema } = forForm(FIREWALL, { rules: { items: { "ui:order": ["ports", "name"] } } });
  const drawn = schema.properties as Record<string, JsonObject>;
  const ui = uiSchema as Record<string, JsonObject>;
  test("number or text becomes one field with our widget", () => {
    expect(drawn.port).toMatchObject({ type: "string" });
    expect(drawn.port).not.toHaveProperty("minimum");
    expect(ui.port).toMatchObject({ "ui:widget": NUMBER_OR_TEXT });
  });
  test("lists of short values become tags, at any depth", () => {
    const items = (ui.rules as JsonObject).items as Record<string, JsonObject>;
    expect(items.ports).toMatchObject({ "ui:widget": TAGS });
    expect(items["ui:order"]).toEqual(["ports", "name", "*"]);
  });
  test("secret lists do not", () => {
    const secret = forForm({ type: "array", items: { type: "string" } }, null, false);
    expect(secret.uiSchema).not.toHaveProperty("ui:widget");
  });
  test("the extension's own schema stays as it is", () => {
    expect((FIREWALL.properties as Record<string, JsonObject>).port?.type).toEqual(["integer", "string"]);
  });
  test("digits are a number where one may stand", () => {
    expect(numberOrText("80", { type: ["integer", "string"] })).toBe(80);
    expect(numberOrText("80-90", { type: ["integer", "string"] })).toBe("80-90");
    expect(numberOrText("007", { type: "integer" })).toBe("007");
    expect(numberOrText("80", { type: "string" })).toBe("80");
    expect(numberOrText("", { type: "string" })).toBeUndefined();
  });
});

test("a publisher's hints reach only what we know", () => {
  expect(
    knownHints(
      {
        "ui:order": ["b", "gone", "b"],
        "ui:widget": "hidden",
        "ui:field": "anything",
        "ui:description": "told",
        "ui:options": { rows: 900, dangerouslySetInnerHTML: { __html: "<b>" }, component: "script" },
      },
      ["a", "b"],
    ),
  ).toEqual({ "ui:order": ["b", "*"], "ui:description": "told", "ui:options": { rows: 60 } });
});

describe("what a filled form means", () => {
  const filled = { defaultInbound: "drop", port: undefined, rules: [] };
  test("defaults the form put in are not sent", () => expect(meant(filled, FIREWALL, {})).toEqual({}));
  test("unless they were said before", () => {
    expect(meant(filled, FIREWALL, { defaultInbound: "accept", rules: [{ name: "x" }] })).toEqual({
      defaultInbound: "drop",
      rules: [],
    });
  });
  test("everything else is", () => {
    expect(meant({ defaultInbound: "accept", port: 0 }, FIREWALL, {})).toEqual({ defaultInbound: "accept", port: 0 });
  });
});

test("what a filled form means holds inside of lists too", () => {
  const schema: JsonObject = {
    type: "object",
    properties: {
      rules: {
        type: "array",
        items: {
          type: "object",
          required: ["name"],
          properties: {
            name: { type: "string", default: "x" },
            log: { type: "boolean", default: false },
            ports: { type: "array" },
          },
        },
      },
      environment: { type: "object", additionalProperties: { type: "string" } },
    },
  };
  const filled = {
    rules: [
      { name: "x", log: false, ports: [] },
      { name: "web", log: false, ports: [80] },
    ],
    environment: { EMPTY: "" },
  };
  expect(meant(filled, schema, { rules: [{ name: "x" }, { name: "web", log: true }] })).toEqual({
    rules: [{ name: "x" }, { name: "web", log: false, ports: [80] }],
    environment: { EMPTY: "" },
  });
});

test("an extension without a schema takes anything, one with an empty schema nothing", () => {
  expect(hasFields(null)).toBe(true);
  expect(hasFields({ type: "object", additionalProperties: false, properties: {} })).toBe(false);
  expect(hasFields({ type: "object", additionalProperties: { type: "string" } })).toBe(true);
});

test("the table of settings walks into lists", () => {
  expect(rows(FIREWALL).map((row) => [row.path, row.type, row.required])).toEqual([
    ["defaultInbound", "string", false],
    ["port", "integer or string", false],
    ["rules", "list of object", false],
    ["rules[].name", "string", true],
    ["rules[].ports", "list of integer or string", false],
  ]);
});
