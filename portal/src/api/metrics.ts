import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "./client";
import { keys, machinePath } from "./queries";
import type { MachineMetrics, MetricRange } from "./watchTypes";

/** A question about one metric over time. */
export interface RangeQuestion {
  name: string;
  /** Conditions on labels: device!=lo */
  match?: string[];
  /** Labels that stay apart when series are put together by {@link combine}. */
  by?: string[];
  combine?: "sum" | "avg" | "min" | "max";
}

/** How far back a chart looks, and in what steps. */
export interface Span {
  seconds: number;
  stepSeconds: number;
}

export function rangeQuery(machine: string, question: RangeQuestion, span: Span, now: number): string {
  const to = Math.ceil(now / 1000);
  const query = new URLSearchParams({
    name: question.name,
    from: String(to - span.seconds),
    to: String(to),
    step: `${span.stepSeconds}s`,
  });
  for (const condition of question.match ?? []) {
    query.append("match", condition);
  }
  if (question.combine) {
    query.set("combine", question.combine);
  }
  if (question.by) {
    query.set("by", question.by.join(","));
  }
  return `${machinePath(machine)}/metrics/range?${query.toString()}`;
}

/** The machine's series with their newest values. */
export function useMetrics(machine: string) {
  return useQuery({
    queryKey: keys.metrics(machine),
    queryFn: ({ signal }) => call<MachineMetrics>("GET", `${machinePath(machine)}/metrics`, { signal }),
    refetchInterval: 60_000,
  });
}

/** Several metrics over the same time, in the order of the questions. Asked again as often as there can be something new to draw. */
export function useRanges(machine: string, questions: RangeQuestion[], span: Span) {
  return useQuery({
    queryKey: [...keys.metrics(machine), "ranges", questions, span],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return Promise.all(
        questions.map((question) => call<MetricRange>("GET", rangeQuery(machine, question, span, now), { signal })),
      );
    },
    refetchInterval: Math.max(30_000, (span.stepSeconds * 1000) / 2),
    placeholderData: keepPreviousData,
  });
}
