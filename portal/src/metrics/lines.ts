import type { MetricRange, MetricRangeSeries } from "../api/watchTypes";

/** One line of a chart. */
export interface Line {
  name: string;
  /** One per step: null cuts the line, undefined does not. */
  values: (number | null | undefined)[];
}

/** What a chart draws: the same steps for all lines. */
export interface Drawing {
  /** In seconds since 1970, the middle of each step. */
  times: number[];
  lines: Line[];
}

/**
 * Tells holes from steps that are only shorter than the time between two samples: a distance is a hole when it is more than 2.5 times the
 * usual one. Steps within the usual distance become undefined, which a chart draws over; a hole stays null, which cuts the line.
 */
export function withGaps(values: (number | null)[]): (number | null | undefined)[] {
  const known = values.flatMap((value, index) => (value === null ? [] : [index]));
  const distances = known.slice(1).map((index, at) => index - (known[at] ?? index));
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 1;
  // One late sample between two steps is no hole either.
  const longest = Math.max(2, usual * 2.5);
  const drawn: (number | null | undefined)[] = values.slice();
  distances.forEach((distance, at) => {
    if (distance > 1 && distance <= longest) {
      const first = known[at] ?? 0;
      drawn.fill(undefined, first + 1, first + distance);
    }
  });
  return drawn;
}

export function timesOf(range: MetricRange): number[] {
  const from = Date.parse(range.from) / 1000;
  return Array.from({ length: range.steps }, (_, step) => from + (step + 0.5) * range.stepSeconds);
}

/** Label by label, what tells the series of one chart apart: labels that all of them share say nothing. */
export function namesOf(series: MetricRangeSeries[]): string[] {
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))].sort();
  const telling = labels.filter((label) => new Set(series.map((one) => one.labels[label] ?? "")).size > 1);
  return series.map((one) => {
    const told = telling.filter((label) => one.labels[label]).map((label) => one.labels[label] ?? "");
    return told.join(" · ") || one.name;
  });
}

/** Value by value of two lists of the same length; null where one of them is unknown. */
export function combined(
  left: (number | null)[],
  right: (number | null)[],
  how: (left: number, right: number) => number,
): (number | null)[] {
  return left.map((value, index) => {
    const other = right[index];
    if (value === null || other === null || other === undefined) {
      return null;
    }
    const result = how(value, other);
    return Number.isFinite(result) ? result : null;
  });
}

export function sameLabels(left: Record<string, string>, right: Record<string, string>): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

/** Newest, smallest, largest and average of what is known. */
export interface Summary {
  last: number | null;
  min: number | null;
  max: number | null;
  average: number | null;
}

export function summary(values: (number | null | undefined)[]): Summary {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (known.length === 0) {
    return { last: null, min: null, max: null, average: null };
  }
  return {
    last: known.at(-1) ?? null,
    min: Math.min(...known),
    max: Math.max(...known),
    average: known.reduce((sum, value) => sum + value, 0) / known.length,
  };
}

export function isEmpty(drawing: Drawing): boolean {
  return drawing.lines.every((line) => line.values.every((value) => value === null || value === undefined));
}
