import { bytes, duration } from "../show/format";

/** In what a number is measured. */
export type Unit =
  | "number"
  | "per-second"
  | "bytes"
  | "bytes-per-second"
  | "seconds"
  | "share"
  | "percent"
  | "celsius"
  | "time"
  | "state";

/**
 * The unit that the name of a metric tells, as Prometheus' conventions have them. A counter is drawn as its growth per second, so that
 * bytes become bytes per second, and seconds a share of the time.
 */
export function unitOf(name: string, kind: string): Unit {
  const counter = kind === "counter";
  const base = name.replace(/_(total|sum|count|bucket)$/, "");
  if (/_(count|bucket)$/.test(name)) {
    return counter ? "per-second" : "number";
  }
  if (/_timestamp_seconds$|_boot_time_seconds$|_time_seconds$/.test(base) && !counter) {
    return "time";
  }
  if (/_seconds$/.test(base)) {
    return counter ? "share" : "seconds";
  }
  if (/_bytes$/.test(base)) {
    return counter ? "bytes-per-second" : "bytes";
  }
  if (/_ratio$/.test(base)) {
    return "share";
  }
  if (/_percent$/.test(base)) {
    return "percent";
  }
  if (/_celsius$/.test(base)) {
    return "celsius";
  }
  if (name === "up" || /_(success|healthy|online|readonly)$/.test(name)) {
    return "state";
  }
  return counter ? "per-second" : "number";
}

const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, notation: "compact" });

export function shownNumber(value: number): string {
  return NUMBER.format(value);
}

function signed(value: number, show: (size: number) => string): string {
  return value < 0 ? `−${show(-value)}` : show(value);
}

/** Short times keep their fractions: 0.0042 -> "4.2 ms". */
export function shownSeconds(value: number): string {
  const size = Math.abs(value);
  if (size >= 60) {
    return signed(value, duration);
  }
  if (size >= 1 || size === 0) {
    return `${shownNumber(value)} s`;
  }
  return size >= 0.001 ? `${shownNumber(value * 1000)} ms` : `${shownNumber(value * 1e6)} µs`;
}

function shownPercent(value: number): string {
  const size = Math.abs(value);
  return `${size >= 10 || size === 0 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}

/** A value with its unit, short enough for an axis. */
export function shownValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return "–";
  }
  switch (unit) {
    case "bytes":
      return signed(value, bytes);
    case "bytes-per-second":
      return `${signed(value, bytes)}/s`;
    case "seconds":
      return shownSeconds(value);
    case "share":
      return shownPercent(value * 100);
    case "percent":
      return shownPercent(value);
    case "celsius":
      return `${shownNumber(value)} °C`;
    case "time":
      return new Date(value * 1000).toLocaleString();
    case "per-second":
      return `${shownNumber(value)}/s`;
    default:
      return shownNumber(value);
  }
}

/** Steps of an axis that people like: powers of 1024 for bytes, of 10 for the rest. */
export function axisSteps(unit: Unit): number[] {
  const binary = unit === "bytes" || unit === "bytes-per-second";
  const steps: number[] = [];
  for (let power = binary ? 0 : -9; power <= (binary ? 6 : 15); power++) {
    for (const step of binary ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] : [1, 2, 5]) {
      steps.push(step * (binary ? 1024 ** power : 10 ** power));
    }
  }
  return steps;
}
