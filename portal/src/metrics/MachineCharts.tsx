import { Group, SegmentedControl, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { useMetrics } from "../api/metrics";
import { useInstallations } from "../api/queries";
import type { MachineMetrics } from "../api/watchTypes";
import { count } from "../show/format";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";
import classes from "./Chart.module.css";
import { ChartPanel } from "./ChartPanel";
import { ChosenMetric } from "./ChosenMetric";
import { METRICS_EXTENSION, NoMetrics } from "./NoMetrics";
import { isRangeName, panelsFor, RANGE_NAMES, type RangeName } from "./panels";

/** What the machine measures: the charts that people look at first, and one of any metric. */
export function MachineCharts({ machine }: { machine: string }) {
  const metrics = useMetrics(machine);
  const installations = useInstallations(machine);
  const [query, setQuery] = useSearchParams();
  const asked = query.get("range");
  const range: RangeName = isRangeName(asked) ? asked : "1h";
  const change = (name: string, value: string) =>
    setQuery(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) {
          after.set(name, value);
        } else {
          after.delete(name);
        }
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  const some = metrics.data && metrics.data.series.length > 0;
  return (
    <section aria-labelledby="metrics" style={{ marginTop: 24 }}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h3" id="metrics">
          Metrics
        </Title>
        {some && (
          <SegmentedControl
            size="xs"
            aria-label="How far back"
            data={RANGE_NAMES}
            value={range}
            onChange={(value) => change("range", value === "1h" ? "" : value)}
          />
        )}
      </Group>
      <Stack gap="sm">
        {metrics.isError && !metrics.data && (
          <ProblemNote error={metrics.error} onRetry={() => void metrics.refetch()} />
        )}
        {metrics.isPending && <Skeleton height={200} radius={12} />}
        {metrics.data && <Refused metrics={metrics.data} />}
        {metrics.data && !some && (
          <NoMetrics
            machine={machine}
            wanted={installations.data?.some((one) => one.extension === METRICS_EXTENSION && !one.removing) ?? false}
          />
        )}
        {metrics.data && some && (
          <Charts
            metrics={metrics.data}
            range={range}
            chosen={query.get("metric") ?? ""}
            onChoose={(name) => change("metric", name)}
          />
        )}
      </Stack>
    </section>
  );
}

interface ChartsProps {
  metrics: MachineMetrics;
  range: RangeName;
  chosen: string;
  onChoose: (name: string) => void;
}

function Charts({ metrics, range, chosen, onChoose }: ChartsProps) {
  const names = useMemo(() => new Set(metrics.series.map((one) => one.name)), [metrics]);
  const list = useMemo(() => [...names].sort(), [names]);
  return (
    <>
      <div className={classes.grid}>
        {panelsFor(names).map((panel) => (
          <ChartPanel key={panel.title} machine={metrics.machine} panel={panel} range={range} />
        ))}
        {names.has(chosen) && (
          <ChosenMetric
            key={chosen}
            machine={metrics.machine}
            name={chosen}
            range={range}
            series={metrics.series.filter((one) => one.name === chosen)}
            onClose={() => onChoose("")}
          />
        )}
      </div>
      <Group align="end" gap="md">
        <Select
          label="Another metric"
          placeholder="Choose or type a part of its name"
          data={list}
          value={names.has(chosen) ? chosen : null}
          onChange={(value) => onChoose(value ?? "")}
          searchable
          clearable
          limit={100}
          nothingFoundMessage="No metric is called that"
          style={{ flex: "1 1 280px", maxWidth: 480 }}
        />
        <Text size="xs" c="dimmed" pb={8}>
          {count(list.length, "metric")} in {count(metrics.series.length, "series", "series")}
        </Text>
      </Group>
    </>
  );
}

/** Samples that came and were not stored are no secret. */
function Refused({ metrics }: { metrics: MachineMetrics }) {
  if (metrics.refused === 0 || metrics.refusedAt === null) {
    return null;
  }
  return (
    <Note tone="warn" title={`${count(metrics.refused, "sample")} could not be stored`}>
      <Text size="sm">
        {metrics.refusedReason} (last <Ago time={metrics.refusedAt} />)
      </Text>
    </Note>
  );
}
