import { Badge, Group, Text, Title } from "@mantine/core";
import type { MachineView } from "../api/types";
import { count, factName, memory, powerText, system } from "../show/format";
import { Ago } from "../show/Time";

const ORDER = ["hostname", "kernel", "agentVersion", "trustMode"];
/** Told together as the system. */
const SYSTEM = ["os", "osName", "distro", "osVersion", "arch", "service.name"];

/** For machines and support, not for daily reading. */
const IDENTIFIERS = ["machineId", "bootId", "service.instance.id"];

/** What is known about the machine, in the order in which people ask. */
export function Facts({ machine }: { machine: MachineView }) {
  const known = ORDER.filter((key) => machine.facts[key]);
  const others = Object.keys(machine.facts)
    .filter((key) => !ORDER.includes(key) && ![...SYSTEM, ...IDENTIFIERS].includes(key))
    .sort();
  const size = [
    machine.cpus !== null && count(machine.cpus, "CPU"),
    machine.memoryMiB !== null && `${memory(machine.memoryMiB)} memory`,
    machine.diskGiB !== null && `${machine.diskGiB} GiB disk`,
  ].filter(Boolean);
  const labels = Object.entries(machine.labels);
  const behind = machine.goalGeneration > machine.appliedGeneration;
  return (
    <div className="panel" style={{ padding: "16px 18px" }}>
      <Title order={2} size="h5" mb="sm">
        About
      </Title>
      <dl className="facts">
        {system(machine.facts) && <Fact name="System">{system(machine.facts)}</Fact>}
        {[...known, ...others].map((key) => (
          <Fact key={key} name={factName(key)}>
            {machine.facts[key] ?? ""}
          </Fact>
        ))}
        {size.length > 0 && <Fact name="Size">{size.join(", ")}</Fact>}
        <Fact name="Provider">{machine.provider}</Fact>
        {machine.power && <Fact name="Power">{powerText(machine.power)}</Fact>}
        <Fact name="Goal">
          {behind
            ? `${machine.goalGeneration}, the machine has ${machine.appliedGeneration}`
            : `${machine.goalGeneration}, the machine has it`}
        </Fact>
        <Fact name="Created">
          <Ago time={machine.createdAt} />
        </Fact>
        {machine.enrolledAt && (
          <Fact name="Enrolled">
            <Ago time={machine.enrolledAt} />
          </Fact>
        )}
        <Fact name="Last seen">{machine.lastSeen ? <Ago time={machine.lastSeen} /> : "never"}</Fact>
      </dl>
      <details className="more">
        <summary>Identifiers</summary>
        <dl className="ids">
          {[["Machine", machine.id], ...IDENTIFIERS.map((key) => [factName(key), machine.facts[key]])].map(
            ([name, value]) =>
              value && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd className="mono">{value}</dd>
                </div>
              ),
          )}
        </dl>
      </details>
      {labels.length > 0 && (
        <>
          <Text size="sm" c="dimmed" mt="md" mb={6}>
            Labels
          </Text>
          <Group gap={6}>
            {labels.map(([key, value]) => (
              <Badge key={key} variant="default" radius="sm" tt="none" fw={500}>
                {value ? `${key}=${value}` : key}
              </Badge>
            ))}
          </Group>
        </>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
