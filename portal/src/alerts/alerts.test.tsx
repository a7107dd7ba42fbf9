import { MemoryRouter } from "react-router";
import { describe, expect, test } from "vitest";
import type { AlertView, SilenceView } from "../api/watchTypes";
import { draw, words } from "../show/render";
import { Alert, inOrder } from "./AlertList";
import { readRule } from "./RuleDialog";
import { conditionText, fitting, lines, NEW_RULE, readDuration, readLabels, shownDuration } from "./ruleWords";
import { Line } from "./Silences";

function alert(given: Partial<AlertView> = {}): AlertView {
  return {
    rule: "disk-filling",
    machine: "demo",
    labels: { machine: "demo", mountpoint: "/" },
    state: "firing",
    severity: "medium",
    value: 0.08,
    summary: "/ on demo has 8 % free",
    hint: "Find what takes the space",
    since: "2026-03-01T11:30:00Z",
    firedAt: "2026-03-01T11:45:00Z",
    silenced: false,
    ...given,
  };
}

test("an alert says how bad, where, since when, what and what to do", () => {
  const html = draw(
    <MemoryRouter>
      <Alert alert={alert()} onSilence={() => {}} />
    </MemoryRouter>,
  );
  expect(words(html)).toBe(
    "Medium demo · disk-filling · for 15 min / on demo has 8 % free What to do: Find what takes the space" +
      " mountpoint=/ Silence…",
  );
});

test("a silenced one says so and cannot be silenced again", () => {
  const html = draw(
    <MemoryRouter>
      <Alert alert={alert({ silenced: true })} onSilence={() => {}} />
    </MemoryRouter>,
  );
  expect(words(html)).toContain("Medium Silenced demo");
  expect(html).not.toContain("Silence…");
});

test("the worst come first and the silenced last", () => {
  const rules = inOrder([
    alert({ rule: "quiet", severity: "critical", silenced: true }),
    alert({ rule: "young" }),
    alert({ rule: "bad", severity: "critical" }),
    alert({ rule: "old", firedAt: "2026-03-01T10:00:00Z" }),
  ]).map((one) => one.rule);
  expect(rules).toEqual(["bad", "old", "young", "quiet"]);
});

test("a silence says what it covers until when; one that is over cannot be ended", () => {
  const silence: SilenceView = {
    id: "s1",
    matchers: ["rule=disk-filling", "machine=~web.*"],
    comment: "disk is enlarged",
    from: "2026-03-01T11:00:00Z",
    until: "2026-03-01T13:00:00Z",
    createdBy: "ada",
    createdAt: "2026-03-01T11:00:00Z",
    state: "active",
    covers: 2,
  };
  const text = words(draw(<Line silence={silence} onEnd={() => {}} />));
  expect(text).toContain("Active disk is enlarged rule=disk-filling machine=~web.*");
  expect(text).toContain("by ada 1 h ago · covers 2 alerts now End…");
  expect(words(draw(<Line silence={{ ...silence, state: "over" }} onEnd={undefined} />))).not.toContain("covers");
});

describe("rules", () => {
  const disk = {
    ...NEW_RULE,
    metric: "node_filesystem_avail_bytes",
    dividedBy: "node_filesystem_size_bytes",
    where: ["mountpoint=/"],
    comparison: "<",
    limit: 0.1,
    lastsSeconds: 60,
  };
  test("what they look at is one line", () => {
    expect(conditionText(disk)).toBe(
      "node_filesystem_avail_bytes{mountpoint=/} / node_filesystem_size_bytes < 0.1, for 1 min",
    );
    expect(conditionText({ ...NEW_RULE, kind: "absence", metric: "up", windowSeconds: 600, lastsSeconds: 0 })).toBe(
      "up has not come for 10 min",
    );
    expect(
      conditionText({ ...NEW_RULE, kind: "rate", metric: "x", combine: "avg", by: ["device"], lastsSeconds: 0 }),
    ).toBe("rate of avg of x by device over 5 min > 0");
  });
  test("a change of kind leaves nothing behind that the API refuses", () => {
    const absence = fitting({ ...disk, kind: "absence", combine: "sum", by: ["x"] });
    expect(absence).not.toHaveProperty("limit");
    expect(absence).not.toHaveProperty("comparison");
    expect(absence).not.toHaveProperty("dividedBy");
    expect(absence).toMatchObject({ combine: "each", by: [], memorySeconds: 86_400 });
    expect(fitting({ ...absence, kind: "threshold" })).toMatchObject({ comparison: ">", limit: 0 });
    expect(fitting({ ...absence, kind: "threshold" })).not.toHaveProperty("memorySeconds");
    expect(fitting({ ...disk, kind: "forecast" })).toHaveProperty("aheadSeconds", 86_400);
  });
  test("JSON that is no object is no rule", () => {
    expect(readRule('{"metric":"up"}')).toEqual({ metric: "up" });
    for (const text of ["[]", "null", "1", "{"]) {
      expect(readRule(text)).toBeNull();
    }
  });
});

test.each([
  ["5 min", 300],
  ["1 h 30 min", 5_400],
  ["90s", 90],
  ["45", 45],
  ["2 d", 172_800],
  ["0 s", 0],
])("%s is %i seconds", (text, seconds) => {
  expect(readDuration(text)).toBe(seconds);
});

test.each(["", "soon", "5 moons", "-1 h", "1.5 h"])("%j is no time", (text) => {
  expect(readDuration(text)).toBeNull();
});

test("a time is shown so that it is read again as the same", () => {
  for (const seconds of [0, 1, 60, 90, 3_661, 86_400, 90_061]) {
    expect(readDuration(shownDuration(seconds))).toBe(seconds);
  }
});

test("labels and lines are read as written", () => {
  expect(readLabels(["role=web", "a = b=c"])).toEqual({ role: "web", a: "b=c" });
  expect(readLabels(["web"])).toBeNull();
  expect(lines(" a=1 \n\n b=~x,y\n")).toEqual(["a=1", "b=~x,y"]);
});
