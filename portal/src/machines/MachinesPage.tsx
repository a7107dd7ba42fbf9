import { Anchor, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Link, useNavigate } from "react-router";
import { useMachines } from "../api/queries";
import type { MachineView } from "../api/types";
import { Chip } from "../show/Chip";
import { count, system } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { machineState } from "../show/states";
import { Ago } from "../show/Time";
import { FirstMachine } from "./FirstMachine";
import { Health } from "./Health";
import { Progress } from "./Progress";

export function MachinesPage() {
  const machines = useMachines();
  const wide = useMediaQuery("(min-width: 820px)", true, { getInitialValueInEffect: false });
  return (
    <Stack gap="md">
      <title>Machines · vmext</title>
      <Group justify="space-between" align="end" gap="xs">
        <Title order={1}>Machines</Title>
        {machines.data && machines.data.length > 0 && <Summary machines={machines.data} />}
      </Group>
      {machines.isError && <ProblemNote error={machines.error} onRetry={() => void machines.refetch()} />}
      {machines.isPending && <Skeleton height={180} radius={12} />}
      {machines.data?.length === 0 && <FirstMachine />}
      {machines.data &&
        machines.data.length > 0 &&
        (wide ? <MachineTable machines={machines.data} /> : <MachineCards machines={machines.data} />)}
    </Stack>
  );
}

function Summary({ machines }: { machines: MachineView[] }) {
  const online = machines.filter((machine) => machine.state === "online").length;
  const wanted = machines.reduce((sum, machine) => sum + machine.installations, 0);
  const healthy = machines.reduce((sum, machine) => sum + machine.healthyInstallations, 0);
  return (
    <Text c="dimmed" size="sm">
      {online} of {count(machines.length, "machine")} online · {healthy} of {count(wanted, "installation")} healthy
    </Text>
  );
}

function MachineTable({ machines }: { machines: MachineView[] }) {
  const navigate = useNavigate();
  return (
    <div className="panel" style={{ overflow: "hidden" }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label="Machines">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Machine</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Extensions healthy</Table.Th>
            <Table.Th>System</Table.Th>
            <Table.Th>Provider</Table.Th>
            <Table.Th>Agent</Table.Th>
            <Table.Th>Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {machines.map((machine) => (
            <Table.Tr
              key={machine.id}
              className="row-link"
              onClick={(event) => {
                // The name is the link for keyboards and screen readers; the rest of the row only makes it larger.
                if (!(event.target instanceof Element && event.target.closest("a"))) {
                  void navigate(pathOf(machine));
                }
              }}
            >
              <Table.Td>
                <Anchor component={Link} to={pathOf(machine)} fw={600} size="sm">
                  {machine.name}
                </Anchor>
              </Table.Td>
              <Table.Td maw={320}>
                <Chip shown={machineState(machine.state)} />
                <Doing machine={machine} />
              </Table.Td>
              <Table.Td>
                <Health machine={machine} />
              </Table.Td>
              <Table.Td>{system(machine.facts) || <Unknown />}</Table.Td>
              <Table.Td>{machine.provider}</Table.Td>
              <Table.Td>{machine.facts.agentVersion ?? <Unknown />}</Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                {machine.lastSeen ? (
                  <Ago time={machine.lastSeen} />
                ) : (
                  <Text c="dimmed" inherit span>
                    never
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function MachineCards({ machines }: { machines: MachineView[] }) {
  return (
    <Stack gap="sm" component="ul" style={{ listStyle: "none", margin: 0, padding: 0 }}>
      {machines.map((machine) => (
        <li key={machine.id} className="panel" style={{ padding: "14px 16px" }}>
          <Group justify="space-between" wrap="nowrap">
            <Anchor component={Link} to={pathOf(machine)} fw={650} size="lg" style={{ overflowWrap: "anywhere" }}>
              {machine.name}
            </Anchor>
            <Chip shown={machineState(machine.state)} />
          </Group>
          <Doing machine={machine} />
          <Group justify="space-between" mt={8} gap="xs">
            <Health machine={machine} />
            <Text size="sm" c="dimmed">
              {machine.lastSeen ? <Ago time={machine.lastSeen} /> : "never seen"}
            </Text>
          </Group>
          <Text size="sm" c="dimmed" mt={4}>
            {[
              system(machine.facts),
              machine.provider,
              machine.facts.agentVersion && `agent ${machine.facts.agentVersion}`,
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </li>
      ))}
    </Stack>
  );
}

/** What is going on with a machine that is not simply online. */
function Doing({ machine }: { machine: MachineView }) {
  if (machine.problem) {
    return (
      <Text size="sm" mt={5} style={{ color: "var(--tone-bad)", overflowWrap: "anywhere" }}>
        {machine.problem.detail}
      </Text>
    );
  }
  if (machine.state === "online") {
    return null;
  }
  return <Progress machine={machine} />;
}

function Unknown() {
  return (
    <Text c="dimmed" inherit span>
      not known yet
    </Text>
  );
}

function pathOf(machine: MachineView): string {
  return `/machines/${encodeURIComponent(machine.name)}`;
}
