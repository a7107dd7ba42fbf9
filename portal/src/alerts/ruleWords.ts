import type { AlertRuleWrite } from "../api/watchTypes";
import { duration } from "../show/format";
import type { Shown } from "../show/states";

export const KINDS = [
  { value: "threshold", label: "Its newest value" },
  { value: "rate", label: "How fast it rises, per second" },
  { value: "forecast", label: "What it will be, if it goes on like this" },
  { value: "absence", label: "That it stopped coming" },
];

export const COMPARISONS = [">", ">=", "<", "<=", "==", "!="];

export const COMBINES = [
  { value: "each", label: "each series by itself" },
  { value: "sum", label: "the sum" },
  { value: "avg", label: "the average" },
  { value: "min", label: "the least" },
  { value: "max", label: "the most" },
];

const ORIGINS: Record<string, Shown> = {
  default: { label: "Default", tone: "off", meaning: "Comes with vmext, as it is. It may change with a newer vmext." },
  changed: { label: "Changed", tone: "busy", meaning: "Replaces the rule of this name that comes with vmext." },
  own: { label: "Own", tone: "ok", meaning: "Somebody's own rule." },
};

export function originOf(word: string): Shown {
  return ORIGINS[word] ?? { label: word || "Unknown", tone: "wait", meaning: "A word of a newer control plane." };
}

const UNITS: Record<string, number> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3_600,
  hour: 3_600,
  hours: 3_600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
};

/** "1 h 30 min", "90s", "5" (seconds) as seconds; null for anything else. */
export function readDuration(text: string): number | null {
  const whole = text.trim().toLowerCase();
  if (/^\d+$/.test(whole)) {
    return Number(whole);
  }
  if (!/^(\d+\s*[a-z]+\s*)+$/.test(whole)) {
    return null;
  }
  let seconds = 0;
  for (const [, amount, unit] of whole.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const size = UNITS[unit ?? ""];
    if (size === undefined) {
      return null;
    }
    seconds += Number(amount) * size;
  }
  return seconds;
}

/** As {@link readDuration} reads it again, also where duration() would round. */
export function shownDuration(seconds: number): string {
  const short = duration(seconds);
  return readDuration(short) === seconds ? short : `${seconds} s`;
}

/** What a rule looks at, in one line that can be read aloud. */
export function conditionText(rule: AlertRuleWrite): string {
  const labels = rule.where && rule.where.length > 0 ? `{${rule.where.join(", ")}}` : "";
  const combined = rule.combine && rule.combine !== "each" ? `${rule.combine} of ` : "";
  const by = rule.by && rule.by.length > 0 ? ` by ${rule.by.join(", ")}` : "";
  const divided = rule.dividedBy ? ` / ${rule.dividedBy}` : "";
  const what = `${combined}${rule.metric}${labels}${divided}${by}`;
  const lasts = rule.lastsSeconds ? `, for ${duration(rule.lastsSeconds)}` : "";
  const window = duration(rule.windowSeconds ?? 300);
  const compared = `${rule.comparison ?? ""} ${rule.limit ?? ""}`;
  switch (rule.kind) {
    case "absence":
      return `${what} has not come for ${window}${lasts}`;
    case "rate":
      return `rate of ${what} over ${window} ${compared}${lasts}`;
    case "forecast":
      return `${what} ${compared} in ${duration(rule.aheadSeconds ?? 0)}, as it went over ${window}${lasts}`;
    default:
      return `${what} ${compared}${lasts}`;
  }
}

export const NEW_RULE: AlertRuleWrite = {
  summary: "",
  hint: "",
  severity: "medium",
  machines: {},
  metric: "",
  where: [],
  dividedBy: null,
  combine: "each",
  by: [],
  kind: "threshold",
  comparison: ">",
  limit: 0,
  windowSeconds: 300,
  aheadSeconds: null,
  memorySeconds: null,
  lastsSeconds: 300,
  clearsSeconds: 60,
  enabled: true,
};

/** A rule without what its kind does not have, so that changing the kind leaves nothing behind that is refused. */
export function fitting(rule: AlertRuleWrite): AlertRuleWrite {
  const absence = rule.kind === "absence";
  const kept: AlertRuleWrite = {
    ...rule,
    comparison: absence ? null : (rule.comparison ?? ">"),
    limit: absence ? null : (rule.limit ?? 0),
    dividedBy: absence ? null : rule.dividedBy || null,
    combine: absence ? "each" : (rule.combine ?? "each"),
    aheadSeconds: rule.kind === "forecast" ? (rule.aheadSeconds ?? 86_400) : null,
    memorySeconds: absence ? (rule.memorySeconds ?? 86_400) : null,
  };
  if (kept.combine === "each") {
    kept.by = [];
  }
  return Object.fromEntries(
    Object.entries(kept).filter(([, value]) => value !== null && value !== undefined),
  ) as unknown as AlertRuleWrite;
}

/** "role=web" -> {role: "web"}; null when one of the words is no label. */
export function readLabels(words: string[]): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at <= 0) {
      return null;
    }
    labels[word.slice(0, at).trim()] = word.slice(at + 1).trim();
  }
  return labels;
}

export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
