import { Anchor, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Link } from "react-router";
import { useMachines, useMay } from "../api/queries";
import { UPDATES, useUpdateFigures } from "../api/updates";
import { InstallLink } from "../installations/InstallLink";
import { Chip } from "../show/Chip";
import { count } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";
import { complianceShown, type UpdateLine, updateLines } from "./updateWords";

/** Which updates of the operating system the fleet's machines lack. */
export function UpdatesPage() {
  const machines = useMachines();
  const figures = useUpdateFigures();
  const lines =
    machines.data && figures.data
      ? updateLines(
          machines.data.map((one) => one.name),
          figures.data,
        )
      : [];
  const error = machines.error ?? figures.error;
  const retry = () => {
    void machines.refetch();
    void figures.refetch();
  };
  return (
    <Stack gap="md">
      <title>Updates · vmext</title>
      <Group justify="space-between" align="end" gap="xs">
        <Title order={1}>Updates</Title>
        {lines.length > 0 && (
          <Text c="dimmed" size="sm">
            {summary(lines)}
          </Text>
        )}
      </Group>
      {error !== null && <ProblemNote error={error} onRetry={retry} />}
      {(machines.isPending || figures.isPending) && error === null && <Skeleton height={180} radius={12} />}
      {machines.data?.length === 0 && (
        <div className="panel" style={{ padding: 24 }}>
          <Text fw={600}>There are no machines</Text>
          <Text c="dimmed" size="sm" mt={2}>
            Each machine is here with the updates that it lacks, once {UPDATES} is installed on it.
          </Text>
        </div>
      )}
      {lines.length > 0 && <Lines lines={lines} />}
      {lines.some((line) => line.compliance === "unknown") && (
        <Text c="dimmed" size="sm">
          A machine is unknown that told nothing for a day. It tells with {UPDATES} installed, and while it is
          connected.
        </Text>
      )}
    </Stack>
  );
}

function summary(lines: UpdateLine[]): string {
  const of = (compliance: UpdateLine["compliance"]) => lines.filter((line) => line.compliance === compliance).length;
  const restart = lines.filter((line) => line.restart).length;
  return [
    `${of("compliant")} of ${count(lines.length, "machine")} compliant`,
    ...(of("unknown") > 0 ? [`${of("unknown")} unknown`] : []),
    ...(restart > 0 ? [`${restart} must restart`] : []),
  ].join(" · ");
}

function Lines({ lines }: { lines: UpdateLine[] }) {
  const wide = useMediaQuery("(min-width: 820px)", true, { getInitialValueInEffect: false });
  if (!wide) {
    return (
      <Stack gap="sm" component="ul" style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {lines.map((line) => (
          <li key={line.machine} className="panel" style={{ padding: "14px 16px" }} data-updates={line.machine}>
            <Group justify="space-between" wrap="nowrap">
              <MachineLink name={line.machine} />
              <Chip shown={complianceShown(line)} />
            </Group>
            <Text size="sm" c="dimmed" mt={6}>
              {line.security === null
                ? "Nothing is known"
                : `${line.security} security, ${number(line.other)} other, ${number(line.overdue)} of them overdue`}
            </Text>
            <Group justify="space-between" mt={4} gap="xs">
              {line.restart ? <Restart line={line} label="Restart needed" /> : <span />}
              <Text size="sm" c="dimmed">
                <Told line={line} />
              </Text>
            </Group>
          </li>
        ))}
      </Stack>
    );
  }
  return (
    <div className="panel" style={{ overflow: "hidden" }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label="Updates by machine">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Machine</Table.Th>
            <Table.Th scope="col">Compliance</Table.Th>
            <Table.Th scope="col" ta="right">
              Security
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Other
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Overdue
            </Table.Th>
            <Table.Th scope="col">Restart</Table.Th>
            <Table.Th scope="col">Assessed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.machine} data-updates={line.machine}>
              <Table.Td>
                <MachineLink name={line.machine} />
              </Table.Td>
              <Table.Td>
                <Chip shown={complianceShown(line)} />
              </Table.Td>
              <Table.Td ta="right">{number(line.security)}</Table.Td>
              <Table.Td ta="right">{number(line.other)}</Table.Td>
              <Table.Td ta="right" fw={line.overdue ? 600 : undefined}>
                {number(line.overdue)}
              </Table.Td>
              <Table.Td>
                <Restart line={line} />
              </Table.Td>
              <Table.Td>
                <Told line={line} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function MachineLink({ name }: { name: string }) {
  return (
    <Anchor component={Link} to={`/machines/${encodeURIComponent(name)}`} fw={600} size="sm">
      {name}
    </Anchor>
  );
}

function Restart({ line, label = "Needed" }: { line: UpdateLine; label?: string }) {
  if (line.restart) {
    return <Chip shown={{ tone: "warn", label, meaning: "The machine must restart before all updates count." }} />;
  }
  return (
    <Text size="sm" c="dimmed" span>
      {line.restart === null ? "–" : "not needed"}
    </Text>
  );
}

/** When it looked, or how to make it look. */
function Told({ line }: { line: UpdateLine }) {
  const may = useMay("installation-write");
  if (line.assessedAt) {
    return <Ago time={line.assessedAt} />;
  }
  return may ? <InstallLink machine={line.machine} extension={UPDATES} /> : "never";
}

function number(value: number | null): string {
  return value === null ? "–" : String(value);
}
