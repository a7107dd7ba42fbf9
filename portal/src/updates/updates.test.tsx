import { expect, test } from "vitest";
import { installNow, newest, type UpdateFigures } from "../api/updates";
import { draw, installation, words } from "../show/render";
import { Told } from "./MachineUpdates";
import { complianceShown, missingUpdates, updateLines } from "./updateWords";

function figures(given: Partial<Record<keyof UpdateFigures, Record<string, number>>>): UpdateFigures {
  const of = (key: keyof UpdateFigures) => new Map(Object.entries(given[key] ?? {}));
  return {
    security: of("security"),
    other: of("other"),
    overdueSecurity: of("overdueSecurity"),
    overdueOther: of("overdueOther"),
    restart: of("restart"),
    compliant: of("compliant"),
    assessed: of("assessed"),
  };
}

test("a machine complies, does not, or has told nothing; those to look at come first", () => {
  const lines = updateLines(
    ["a", "b", "c"],
    figures({
      security: { a: 0, b: 2 },
      other: { a: 1, b: 0 },
      overdueSecurity: { a: 0, b: 2 },
      overdueOther: { a: 0, b: 1 },
      restart: { a: 0, b: 1 },
      compliant: { a: 1, b: 0 },
      assessed: { a: 1_700_000_000, b: 1_700_000_000 },
    }),
  );
  expect(lines.map((line) => [line.machine, line.compliance])).toEqual([
    ["b", "overdue"],
    ["c", "unknown"],
    ["a", "compliant"],
  ]);
  expect(lines[0]).toMatchObject({ security: 2, other: 0, overdue: 3, restart: true });
  expect(lines[1]).toMatchObject({ security: null, overdue: null, restart: null, assessedAt: null });
  expect(lines.map((line) => complianceShown(line).tone)).toEqual(["bad", "wait", "ok"]);
});

test("the newest value of each machine counts, and a step without one does not", () => {
  const series = (machine: string, values: (number | null)[]) => ({
    name: "x",
    kind: "gauge",
    labels: { machine },
    values,
  });
  const range = { name: "x", from: "", stepSeconds: 1, steps: 2, aggregate: "last" };
  const found = newest({ ...range, series: [series("a", [1, 2]), series("b", [3, null]), series("c", [null, null])] });
  expect([...found]).toEqual([
    ["a", 2],
    ["b", 3],
  ]);
});

test("what is missing is a table, and lines that are none are told as they are", () => {
  const told = missingUpdates(
    "security openssl 3.0.14 3.0.15 2026-03-01T00:00:00Z install\nother tzdata 1 2 2026-03-01T00:00:00Z class\nand 4 more\n",
  );
  expect(told.updates.map((one) => [one.name, one.plan])).toEqual([
    ["openssl", "next window"],
    ["tzdata", "class not chosen"],
  ]);
  expect(told.rest).toEqual(["and 4 more"]);
  expect(missingUpdates("none\n")).toEqual({ updates: [], rest: [] });
});

test("a machine's updates are shown with what its handler says, only as text", () => {
  const part = (name: string, message: string, status = "success") => ({ name, status, code: "0", message });
  const status = {
    operation: "Enable",
    status: "success",
    code: "0",
    message: "1 security updates missing",
    substatus: [
      part("assessment", "1 security", "warning"),
      part("missing", "security <b>x</b> 1 2 2026-03-01T00:00:00Z install"),
      part("restart", "kernel 1 runs, 2 is installed", "warning"),
    ],
  };
  const html = draw(<Told installation={installation({ extension: "vmext.Updates", status })} />);
  expect(html).not.toContain("<b>x");
  expect(words(html)).toContain("Not compliant");
  expect(words(html)).toContain("kernel 1 runs, 2 is installed");
  expect(words(draw(<Told installation={installation({ status: null })} />))).toContain("has not told anything yet");
});

test("installing at once keeps what was wanted, and gives an id that is new", () => {
  const before = installation({
    extension: "vmext.Updates",
    settings: { reboot: "if-needed", installNow: { id: "a" } },
  });
  expect(installNow(before, "b").settings).toEqual({ reboot: "if-needed", installNow: { id: "b" } });
  expect(installNow(before, "b").protectedSettings).toBeNull();
});
