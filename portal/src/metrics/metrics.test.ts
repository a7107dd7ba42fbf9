import { describe, expect, test } from "vitest";
import { rangeQuery } from "../api/metrics";
import type { MetricRange } from "../api/watchTypes";
import { conditions } from "./ChosenMetric";
import { combined, namesOf, summary, timesOf, withGaps } from "./lines";
import { drawingOf, PANELS, panelOf, panelsFor, SPANS } from "./panels";
import { axisSteps, shownValue, unitOf } from "./units";

function range(series: { labels?: Record<string, string>; values: (number | null)[] }[], name = "x"): MetricRange {
  return {
    name,
    from: "2026-03-01T12:00:00Z",
    stepSeconds: 60,
    steps: series[0]?.values.length ?? 0,
    aggregate: "auto",
    series: series.map((one) => ({ name, kind: "gauge", labels: one.labels ?? {}, values: one.values })),
  };
}

function panel(title: string) {
  const found = PANELS.find((one) => one.title === title);
  if (!found) {
    throw new Error(title);
  }
  return found;
}

describe("gaps", () => {
  test("a hole in regular values cuts the line", () => {
    expect(withGaps([1, 2, null, null, null, 3, 4])).toEqual([1, 2, null, null, null, 3, 4]);
  });
  test("a sample that came a moment late is no hole", () => {
    expect(withGaps([1, 2, null, 3, 4])).toEqual([1, 2, undefined, 3, 4]);
  });
  test("values rarer than the steps are one line, and a hole in them still is one", () => {
    const rare = [1, null, null, null, 2, null, null, null, 3, null, null, null, 4];
    expect(withGaps(rare).filter((value) => value === null)).toEqual([]);
    const hole = [...rare, ...Array<null>(15).fill(null), 5];
    expect(withGaps(hole).filter((value) => value === null)).toHaveLength(15);
  });
  test("what is missing at both ends stays missing", () => {
    expect(withGaps([null, null, 1, 2, null])).toEqual([null, null, 1, 2, null]);
    expect(withGaps([null, null])).toEqual([null, null]);
  });
});

describe("units", () => {
  test.each([
    ["node_memory_MemAvailable_bytes", "gauge", "bytes"],
    ["node_network_receive_bytes_total", "counter", "bytes-per-second"],
    ["node_cpu_seconds_total", "counter", "share"],
    ["scrape_duration_seconds", "gauge", "seconds"],
    ["node_boot_time_seconds", "gauge", "time"],
    ["http_requests_total", "counter", "per-second"],
    ["http_request_duration_seconds_count", "counter", "per-second"],
    ["node_load1", "gauge", "number"],
    ["node_hwmon_temp_celsius", "gauge", "celsius"],
    ["vmext_probe_success", "gauge", "state"],
  ])("%s of kind %s is in %s", (name, kind, unit) => {
    expect(unitOf(name, kind)).toBe(unit);
  });
  test("values are readable", () => {
    expect(shownValue(1.5 * 1024 ** 3, "bytes")).toBe("1.5 GiB");
    expect(shownValue(2048, "bytes-per-second")).toBe("2.0 KiB/s");
    expect(shownValue(0.1234, "share")).toBe("12 %");
    expect(shownValue(0.0123, "share")).toBe("1.2 %");
    expect(shownValue(0.0042, "seconds")).toBe("4.2 ms");
    expect(shownValue(7_200, "seconds")).toBe("2 h");
    expect(shownValue(12_345, "number")).toBe("12.3K");
    expect(shownValue(-1024, "bytes")).toBe("−1.0 KiB");
    expect(shownValue(null, "bytes")).toBe("–");
    expect(shownValue(Number.NaN, "number")).toBe("–");
  });
  test("an axis of bytes has binary steps, in order", () => {
    expect(axisSteps("bytes")).toContain(512 * 1024 ** 2);
    expect(axisSteps("bytes")).not.toContain(1e6);
    for (const unit of ["bytes", "number"] as const) {
      expect(axisSteps(unit)).toEqual(axisSteps(unit).toSorted((a, b) => a - b));
    }
  });
});

describe("panels", () => {
  test("CPU is what is neither idle nor waiting, and never below nothing", () => {
    const answer = range([
      { labels: { mode: "idle" }, values: [0.7, 1.001, null, 0.5] },
      { labels: { mode: "iowait" }, values: [0.1, 0, null, 0] },
    ]);
    const [busy, waiting] = panel("CPU").lines([answer]);
    expect(busy?.values[0]).toBeCloseTo(0.2);
    expect(busy?.values[1]).toBe(0);
    expect(busy?.values[3]).toBeCloseTo(0.5);
    expect(waiting?.values[0]).toBe(0.1);
  });
  test("memory in use is what is not available", () => {
    const [used, total] = panel("Memory").lines([range([{ values: [100, 100] }]), range([{ values: [40, null] }])]);
    expect(used?.values).toEqual([60, null]);
    expect(total?.values).toEqual([100, 100]);
  });
  test("file systems are told by where they are and how large, each divided by its own size", () => {
    const free = range([
      { labels: { mountpoint: "/" }, values: [1, 1] },
      { labels: { mountpoint: "/gone" }, values: [1, 1] },
      { labels: { mountpoint: "/var" }, values: [256, 128] },
    ]);
    const size = range([
      { labels: { mountpoint: "/var" }, values: [1024, 1024] },
      { labels: { mountpoint: "/" }, values: [4, 0] },
    ]);
    expect(panel("Disk free").lines([free, size])).toEqual([
      { name: "/", values: [0.25, null] },
      { name: "/var (1.0 KiB)", values: [0.25, 0.125] },
    ]);
  });
  test("only those that a machine can fill are shown", () => {
    expect(panelsFor(new Set(["node_load1", "up"])).map((one) => one.title)).toEqual(["Load"]);
    expect(panelsFor(new Set(["up"]))).toEqual([]);
  });
  test("a chosen metric has a line per series, named by what tells them apart", () => {
    const answer = range([
      { labels: { installation: "metrics", device: "eth0" }, values: [1] },
      { labels: { installation: "metrics", device: "eth1" }, values: [2] },
    ]);
    expect(drawingOf(panelOf("x_bytes", "gauge", []), [answer])).toEqual({
      times: [Date.parse("2026-03-01T12:00:30Z") / 1000],
      lines: [
        { name: "eth0", values: [1] },
        { name: "eth1", values: [2] },
      ],
    });
    expect(namesOf(range([{ labels: { source: "a" }, values: [] }]).series)).toEqual(["x"]);
  });
});

test("times are the middles of their steps", () => {
  expect(timesOf(range([{ values: [1, 2] }])).map((time) => new Date(time * 1000).toISOString())).toEqual([
    "2026-03-01T12:00:30.000Z",
    "2026-03-01T12:01:30.000Z",
  ]);
});

test("a summary knows only what is known", () => {
  expect(summary([null, 3, undefined, 1, null])).toEqual({ last: 1, min: 1, max: 3, average: 2 });
  expect(summary([null])).toEqual({ last: null, min: null, max: null, average: null });
  expect(combined([1, 2], [1], (a, b) => a + b)).toEqual([2, null]);
});

test("a range is asked with its conditions, each of them a parameter", () => {
  const question = { name: "a", match: ["mode=~idle|iowait", "x!=1"], by: ["mode"], combine: "avg" as const };
  const address = new URL(rangeQuery("demo", question, SPANS["1h"], 1_772_366_400_000), "http://x");
  expect(address.pathname).toBe("/v1/projects/default/machines/demo/metrics/range");
  expect(address.searchParams.getAll("match")).toEqual(["mode=~idle|iowait", "x!=1"]);
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    from: "1772362800",
    to: "1772366400",
    step: "60s",
    by: "mode",
    combine: "avg",
  });
});

test("no range asks for more than a screen can show", () => {
  for (const span of Object.values(SPANS)) {
    const steps = span.seconds / span.stepSeconds;
    expect(steps).toBeGreaterThanOrEqual(60);
    expect(steps).toBeLessThanOrEqual(400);
  }
});

test("conditions are told from words that are none", () => {
  expect(conditions(" state=failed  name=~ssh.* ")).toEqual(["state=failed", "name=~ssh.*"]);
  expect(conditions("")).toEqual([]);
  expect(conditions("failed")).toBeNull();
});
