import { Table, Text, Title } from "@mantine/core";
import { useAvailability } from "../api/alerts";
import type { AvailabilityView } from "../api/watchTypes";
import { ProblemNote } from "../show/ProblemNote";
import type { Tone } from "../show/states";

const WINDOWS = ["day", "week", "month"];
const KINDS = ["machine", "installation", "probe"];
const STATES: Record<string, { tone: Tone; label: string }> = {
  healthy: { tone: "ok", label: "healthy" },
  unhealthy: { tone: "bad", label: "unhealthy" },
  unknown: { tone: "wait", label: "unknown" },
};

/** 99.95 stays 99.95; nothing below 100 is rounded up to it. */
export function percent(value: number): string {
  if (value >= 100) {
    return "100 %";
  }
  const digits = value >= 99 ? 2 : value >= 10 ? 1 : 2;
  const factor = 10 ** digits;
  return `${Math.floor(value * factor) / factor} %`;
}

/** How much of the time machine, installations and probes were as they should be. */
export function Availability({ machine }: { machine: string }) {
  const availability = useAvailability(machine);
  if (availability.isError && !availability.data) {
    return <ProblemNote error={availability.error} onRetry={() => void availability.refetch()} />;
  }
  return <AvailabilityTable all={availability.data ?? []} />;
}

export function AvailabilityTable({ all }: { all: AvailabilityView[] }) {
  if (all.length === 0) {
    return null;
  }
  const rows = all.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  const partly = rows.some((row) => row.shares.some((share) => share.percent !== null && share.known < 99.9));
  return (
    <section style={{ marginTop: 24 }} aria-labelledby="availability">
      <Title order={2} size="h3" mb="sm" id="availability">
        Availability
      </Title>
      <div className="panel" style={{ padding: "6px 10px 10px" }}>
        <Table verticalSpacing={7} horizontalSpacing={8} aria-labelledby="availability">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">
                <span className="for-readers">What</span>
              </Table.Th>
              {WINDOWS.map((window) => (
                <Table.Th key={window} ta="right" scope="col">
                  {window === "day" ? "Day" : window === "week" ? "Week" : "Month"}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Row key={`${row.kind} ${row.installation} ${row.name}`} row={row} />
            ))}
          </Table.Tbody>
        </Table>
        {partly && (
          <Text size="xs" c="dimmed" mt={6} ml={8}>
            * Something is known of only a part of this time; the percentage is of that part.
          </Text>
        )}
      </div>
    </section>
  );
}

function Row({ row }: { row: AvailabilityView }) {
  const state = STATES[row.state] ?? { tone: "wait", label: row.state };
  return (
    <Table.Tr data-availability={row.name || "machine"}>
      <Table.Th scope="row" fw={500} style={{ overflowWrap: "anywhere" }}>
        <span className={`tone-${state.tone}`} title={state.label}>
          <span className="dot" style={{ display: "inline-block", marginRight: 7 }} aria-hidden="true" />
        </span>
        {row.kind === "machine" ? "Connected" : row.name}
        <span className="for-readers">, {state.label}</span>
        {row.kind === "probe" && (
          <Text size="xs" c="dimmed" ml={15}>
            probe of {row.installation}
          </Text>
        )}
      </Table.Th>
      {WINDOWS.map((window) => {
        const share = row.shares.find((one) => one.window === window);
        const known = share !== undefined && share.percent !== null;
        return (
          <Table.Td
            key={window}
            ta="right"
            style={{ whiteSpace: "nowrap" }}
            title={known ? `of ${percent(share.known)} of the time something is known` : "nothing is known"}
          >
            {known ? `${percent(share.percent ?? 0)}${share.known < 99.9 ? "*" : ""}` : "–"}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}
