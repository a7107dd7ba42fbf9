import { Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";
import type { MetricSeries } from "../api/watchTypes";
import { ChartPanel } from "./ChartPanel";
import { LINES_SHOWN, panelOf, type RangeName } from "./panels";

interface ChosenMetricProps {
  machine: string;
  name: string;
  range: RangeName;
  /** The series of this metric. */
  series: MetricSeries[];
  onClose: () => void;
}

const CONDITION = /^[a-zA-Z_][a-zA-Z0-9_]*\s*(=~|!~|!=|=)/;

/** Conditions as people write them, with spaces between; null while one of them is none. */
export function conditions(text: string): string[] | null {
  const words = text.split(/\s+/).filter(Boolean);
  return words.every((word) => CONDITION.test(word)) ? words : null;
}

/** The chart of a metric that somebody chose from the list. */
export function ChosenMetric({ machine, name, range, series, onClose }: ChosenMetricProps) {
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text, 400);
  const match = conditions(settled);
  const kind = series[0]?.kind ?? "gauge";
  const panel = useMemo(() => panelOf(name, kind, match ?? []), [name, kind, JSON.stringify(match)]);
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))].sort();
  return (
    <ChartPanel machine={machine} panel={panel} range={range} onClose={onClose}>
      {kind === "counter" && (
        <Text size="xs" c="dimmed">
          A counter: shown is how much it grows per second.
        </Text>
      )}
      {(series.length > LINES_SHOWN || text !== "") && (
        <TextInput
          size="xs"
          mt={4}
          mb={8}
          maw={420}
          label="Only series with"
          description={`Labels: ${labels.join(", ")}. With a space between conditions.`}
          placeholder="state=failed name=~ssh.*"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={match === null ? "Write label=value, label!=value, label=~expression or label!~expression" : undefined}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </ChartPanel>
  );
}
