import type { RangeQuestion, Span } from "../api/metrics";
import type { MetricRange, MetricRangeSeries } from "../api/watchTypes";
import { bytes } from "../show/format";
import { combined, type Drawing, type Line, namesOf, sameLabels, timesOf, withGaps } from "./lines";
import { type Unit, unitOf } from "./units";

export type RangeName = "1h" | "6h" | "24h" | "7d" | "30d";

/** Steps are at least a minute, the usual time between two samples. */
export const SPANS: Record<RangeName, Span> = {
  "1h": { seconds: 3_600, stepSeconds: 60 },
  "6h": { seconds: 6 * 3_600, stepSeconds: 120 },
  "24h": { seconds: 24 * 3_600, stepSeconds: 300 },
  "7d": { seconds: 7 * 86_400, stepSeconds: 1_800 },
  "30d": { seconds: 30 * 86_400, stepSeconds: 7_200 },
};

export const RANGE_NAMES = Object.keys(SPANS) as RangeName[];

export function isRangeName(text: string | null): text is RangeName {
  return text !== null && text in SPANS;
}

/** A chart that every machine with vmext.Metrics has. */
export interface Panel {
  title: string;
  unit: Unit;
  /** Where the axis ends, when that is known. */
  top?: number;
  questions: RangeQuestion[];
  lines: (answers: MetricRange[]) => Line[];
}

/** Memory and network file systems fill and vanish by design. */
const REAL_FILE_SYSTEMS = "fstype!~tmpfs|ramfs|overlay|squashfs|iso9660|devtmpfs|nfs.*|cifs|fuse.*|autofs";
/** Those of virtual machines' and containers' own plumbing say the same traffic again. */
const REAL_DEVICES = "device!~lo|veth.*|docker.*|br-.*|virbr.*";

function line(name: string, values: (number | null)[]): Line {
  return { name, values: withGaps(values) };
}

function of(answer: MetricRange | undefined, label: string, value: string): MetricRangeSeries | undefined {
  return answer?.series.find((one) => one.labels[label] === value);
}

function eachDevice(answer: MetricRange | undefined, direction: string): Line[] {
  return (answer?.series ?? []).map((one) => line(`${one.labels.device ?? ""} ${direction}`.trim(), one.values));
}

/** How much of each file system is free; its size stands in its name. */
function freeShares(free: MetricRange | undefined, size: MetricRange | undefined): Line[] {
  return (free?.series ?? []).flatMap((one) => {
    const whole = size?.series.find((other) => sameLabels(one.labels, other.labels));
    if (!whole) {
      return [];
    }
    const newest = whole.values.findLast((value) => value !== null);
    const name = one.labels.mountpoint ?? one.labels.device ?? "";
    return line(
      newest ? `${name} (${bytes(newest)})` : name,
      combined(one.values, whole.values, (left, right) => left / right),
    );
  });
}

const LOADS: [string, string][] = [
  ["node_load1", "1 minute"],
  ["node_load5", "5 minutes"],
  ["node_load15", "15 minutes"],
];

export const PANELS: Panel[] = [
  {
    title: "CPU",
    unit: "share",
    top: 1,
    questions: [{ name: "node_cpu_seconds_total", match: ["mode=~idle|iowait"], by: ["mode"], combine: "avg" }],
    lines: ([answer]) => {
      const idle = of(answer, "mode", "idle");
      const waiting = of(answer, "mode", "iowait");
      if (!idle) {
        return [];
      }
      const unused = waiting ? combined(idle.values, waiting.values, (left, right) => left + right) : idle.values;
      // Clocks of the kernel and of the sampler differ a little, which must not look like less than nothing.
      const busy = unused.map((value) => (value === null ? null : Math.min(1, Math.max(0, 1 - value))));
      return [line("Busy", busy), ...(waiting ? [line("Waiting for disks", waiting.values)] : [])];
    },
  },
  {
    title: "Memory",
    unit: "bytes",
    questions: [{ name: "node_memory_MemTotal_bytes" }, { name: "node_memory_MemAvailable_bytes" }],
    lines: ([total, available]) => {
      const all = total?.series[0];
      const free = available?.series[0];
      if (!all || !free) {
        return [];
      }
      return [
        line(
          "In use",
          combined(all.values, free.values, (left, right) => left - right),
        ),
        line("Total", all.values),
      ];
    },
  },
  {
    title: "Disk free",
    unit: "share",
    top: 1,
    questions: ["node_filesystem_avail_bytes", "node_filesystem_size_bytes"].map((name) => ({
      name,
      match: [REAL_FILE_SYSTEMS],
      by: ["mountpoint"],
      combine: "max",
    })),
    lines: ([free, size]) => freeShares(free, size),
  },
  {
    title: "Network",
    unit: "bytes-per-second",
    questions: ["node_network_receive_bytes_total", "node_network_transmit_bytes_total"].map((name) => ({
      name,
      match: [REAL_DEVICES],
      by: ["device"],
      combine: "sum",
    })),
    lines: ([received, sent]) => [...eachDevice(received, "in"), ...eachDevice(sent, "out")],
  },
  {
    title: "Load",
    unit: "number",
    questions: LOADS.map(([name]) => ({ name })),
    lines: (answers) =>
      answers.flatMap((answer, index) => {
        const series = answer.series[0];
        return series ? [line(LOADS[index]?.[1] ?? series.name, series.values)] : [];
      }),
  },
];

/** The chart of any metric; its unit is told by its name. */
export function panelOf(name: string, kind: string, match: string[]): Panel {
  return {
    title: name,
    unit: unitOf(name, kind),
    questions: [{ name, match }],
    lines: ([answer]) => {
      const series = answer?.series ?? [];
      const names = namesOf(series);
      return series.map((one, index) => line(names[index] ?? one.name, one.values));
    },
  };
}

/** More lines than that cannot be told apart. */
export const LINES_SHOWN = 8;

export function drawingOf(panel: Panel, answers: MetricRange[]): Drawing {
  const first = answers.find((answer) => answer.series.length > 0) ?? answers[0];
  return { times: first ? timesOf(first) : [], lines: panel.lines(answers) };
}

/** Which of the panels a machine with these metrics can fill. */
export function panelsFor(names: ReadonlySet<string>): Panel[] {
  return PANELS.filter((panel) => panel.questions.some((question) => names.has(question.name)));
}
