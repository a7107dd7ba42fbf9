import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { NO_FILTER, useFindings } from "../api/findings";
import { ProblemNote } from "../show/ProblemNote";
import { FindingCard } from "./FindingCard";
import { counted, SEVERITIES, severityTone } from "./findingWords";

const SHOWN = 5;

function useOpen(machine: string) {
  return useFindings({ ...NO_FILTER, machine, state: "open" });
}

/** How many findings of the machine are open, in the colour of the worst; nothing where there are none. */
export function FindingBadge({ machine }: { machine: string }) {
  const open = useOpen(machine);
  if (!open.data || open.data.items.length === 0) {
    return null;
  }
  const worst = SEVERITIES.findLast((word) => open.data.items.some((one) => one.severity === word)) ?? "info";
  const amount = counted(open.data);
  return (
    <a href="#findings" className={`chip plain-link tone-${severityTone(worst)}`} data-testid="finding-badge">
      <span className="dot" aria-hidden="true" />
      {amount} open {amount === "1" ? "finding" : "findings"}
    </a>
  );
}

/** The machine's open findings, those seen last first. */
export function MachineFindings({ machine }: { machine: string }) {
  const open = useOpen(machine);
  if (open.isError && !open.data) {
    return <ProblemNote error={open.error} onRetry={() => void open.refetch()} />;
  }
  const findings = open.data?.items ?? [];
  const all = `/findings?machine=${encodeURIComponent(machine)}`;
  if (findings.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="findings" style={{ marginBottom: 24 }}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h3" id="findings" style={{ scrollMarginTop: 80 }}>
          Findings
        </Title>
        <Anchor component={Link} to={`${all}&state=all`} size="sm">
          Also those that are over
        </Anchor>
      </Group>
      <Stack gap="xs">
        {findings.slice(0, SHOWN).map((finding) => (
          <FindingCard key={finding.id} finding={finding} withMachine={false} />
        ))}
        {findings.length > SHOWN && (
          <Text size="sm">
            <Anchor component={Link} to={all} inherit>
              All {open.data && counted(open.data)} that are open
            </Anchor>
          </Text>
        )}
      </Stack>
    </section>
  );
}
