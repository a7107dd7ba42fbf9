import { CloseButton, Group, Skeleton, Text, Title } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useId, useMemo } from "react";
import { useRanges } from "../api/metrics";
import { Fence } from "../show/Fence";
import { ProblemNote } from "../show/ProblemNote";
import classes from "./Chart.module.css";
import { isEmpty } from "./lines";
import { drawingOf, LINES_SHOWN, type Panel, type RangeName, SPANS } from "./panels";

const Chart = lazy(() => import("./Chart"));

interface ChartPanelProps {
  machine: string;
  panel: Panel;
  range: RangeName;
  /** Takes the chart away; not for those that are always there. */
  onClose?: () => void;
  /** Between the title and the chart. */
  children?: ReactNode;
}

/** One chart with its title, or why there is none. */
export function ChartPanel({ machine, panel, range, onClose, children }: ChartPanelProps) {
  const id = useId();
  const span = SPANS[range];
  const answers = useRanges(machine, panel.questions, span);
  const all = useMemo(() => (answers.data ? drawingOf(panel, answers.data) : null), [answers.data, panel]);
  const drawing = useMemo(() => all && { ...all, lines: all.lines.slice(0, LINES_SHOWN) }, [all]);
  return (
    <section
      className={`panel ${classes.panel} ${onClose ? classes.wide : ""}`}
      aria-labelledby={id}
      data-chart={panel.title}
    >
      <Group justify="space-between" wrap="nowrap" mb={4} gap="xs">
        <Title order={3} size="h5" id={id} style={{ overflowWrap: "anywhere", minWidth: 0 }}>
          {panel.title}
        </Title>
        {onClose && <CloseButton onClick={onClose} aria-label={`Take away ${panel.title}`} />}
      </Group>
      {children}
      {answers.isError && !answers.data && <ProblemNote error={answers.error} onRetry={() => void answers.refetch()} />}
      {answers.isPending && <Skeleton height={168} radius={8} />}
      {all && drawing && isEmpty(all) && (
        <Text size="sm" c="dimmed" py="sm">
          No values in this time.
        </Text>
      )}
      {all && drawing && !isEmpty(all) && (
        <Fence instead={<Text size="sm">This browser cannot draw the chart.</Text>}>
          <Suspense fallback={<Skeleton height={168} radius={8} />}>
            <Chart title={panel.title} unit={panel.unit} top={panel.top} drawing={drawing} span={span} />
          </Suspense>
        </Fence>
      )}
      {all && all.lines.length > LINES_SHOWN && (
        <Text size="xs" c="dimmed" mt={6}>
          {LINES_SHOWN} of {all.lines.length} series. Name labels to see the others.
        </Text>
      )}
    </section>
  );
}
