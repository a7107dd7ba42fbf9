import { expect, test } from "vitest";
import type { AvailabilityView } from "../api/watchTypes";
import { draw, words } from "../show/render";
import { AvailabilityTable, percent } from "./Availability";

const ALL: AvailabilityView[] = [
  {
    kind: "probe",
    name: "web",
    installation: "health",
    state: "unknown",
    shares: [{ window: "day", percent: null, known: 0 }],
  },
  {
    kind: "machine",
    name: "",
    installation: "",
    state: "healthy",
    shares: [
      { window: "day", percent: 100, known: 100 },
      { window: "week", percent: 99.996, known: 100 },
      { window: "month", percent: 50, known: 12 },
    ],
  },
];

test("each thing has its percentages, the machine first, and what is not known is no zero", () => {
  const text = words(draw(<AvailabilityTable all={ALL} />));
  expect(text).toContain("Connected , healthy 100 % 99.99 % 50 %* web , unknown probe of health – – –");
  expect(text).toContain("* Something is known of only a part of this time");
});

test("nothing below a hundred looks like it", () => {
  expect(percent(99.9999)).toBe("99.99 %");
  expect(percent(99.95)).toBe("99.95 %");
  expect(percent(87.65)).toBe("87.6 %");
  expect(percent(0)).toBe("0 %");
  expect(percent(100)).toBe("100 %");
});

test("a machine of which nothing is known says nothing", () => {
  expect(draw(<AvailabilityTable all={[]} />)).not.toContain("section");
});
