import { Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useInstallations, useMay } from "../api/queries";
import type { InstallationView, MachineView, SubstatusView } from "../api/types";
import { UPDATES, useInstallUpdates } from "../api/updates";
import { InstallLink } from "../installations/InstallLink";
import { Mark } from "../show/Chip";
import { Confirm } from "../show/Confirm";
import { capitalize, count } from "../show/format";
import { statusTone } from "../show/states";
import { Ago } from "../show/Time";
import { type MissingUpdate, missingUpdates } from "./updateWords";

const SHOWN = 12;

/** What else vmext.Updates tells, in this order. */
const PARTS: [string, string][] = [
  ["restart", "Restart"],
  ["last-install", "Last installation"],
  ["windows", "Maintenance windows"],
  ["others", "Others"],
];

/** Updates of the operating system that the machine lacks, on its page. */
export function MachineUpdates({ machine }: { machine: MachineView }) {
  const installations = useInstallations(machine.name);
  const may = useMay("installation-write") && machine.state !== "deleting";
  const installation = installations.data?.find((one) => one.extension === UPDATES);
  if (!installations.data) {
    return null;
  }
  return (
    <section style={{ marginTop: 24 }} aria-labelledby="updates">
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h3" id="updates">
          Updates
        </Title>
        {installation && !installation.removing && may && <InstallNow installation={installation} />}
      </Group>
      {installation ? (
        <Told installation={installation} />
      ) : (
        <Text c="dimmed" size="sm">
          Which updates this machine lacks is not known.{" "}
          {may && <InstallLink machine={machine.name} extension={UPDATES} />}
        </Text>
      )}
    </section>
  );
}

function part(installation: InstallationView, name: string): SubstatusView | undefined {
  return installation.status?.substatus.find((one) => one.name === name);
}

export function Told({ installation }: { installation: InstallationView }) {
  const { status } = installation;
  const assessment = part(installation, "assessment");
  const { updates, rest } = missingUpdates(part(installation, "missing")?.message ?? "");
  if (!status) {
    return (
      <Text c="dimmed" size="sm">
        {UPDATES} has not told anything yet.
      </Text>
    );
  }
  const told = PARTS.flatMap(([name, title]) => {
    const one = part(installation, name);
    return one ? [{ title, one }] : [];
  });
  return (
    <div className="panel" style={{ padding: "14px 18px" }}>
      <Group gap="6px 12px" align="baseline">
        <Mark tone={statusTone(assessment?.status ?? status.status)}>
          {assessment?.status === "success" ? "Compliant" : assessment ? "Not compliant" : capitalize(status.status)}
        </Mark>
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {status.message}
        </Text>
      </Group>
      {updates.length > 0 && <Missing updates={updates} />}
      {rest.map((line) => (
        <Text key={line} size="sm" c="dimmed" mt={4}>
          {line}
        </Text>
      ))}
      {told.length > 0 && (
        <Stack gap={6} mt="sm">
          {told.map(({ title, one }) => (
            <div key={title}>
              <Text size="sm" fw={600} span>
                {title}
              </Text>{" "}
              {one.status !== "success" && <Mark tone={statusTone(one.status)}>{capitalize(one.status)}</Mark>}
              <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
                {one.message.trim()}
              </Text>
            </div>
          ))}
        </Stack>
      )}
    </div>
  );
}

function Missing({ updates }: { updates: MissingUpdate[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? updates : updates.slice(0, SHOWN);
  return (
    <>
      <div style={{ overflowX: "auto", marginTop: 8 }}>
        <Table verticalSpacing={6} horizontalSpacing="sm" aria-label="Missing updates">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Package</Table.Th>
              <Table.Th scope="col" visibleFrom="sm">
                Class
              </Table.Th>
              <Table.Th scope="col" visibleFrom="sm">
                Installed
              </Table.Th>
              <Table.Th scope="col">New</Table.Th>
              <Table.Th scope="col" visibleFrom="sm">
                Known
              </Table.Th>
              <Table.Th scope="col">Plan</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={`${one.name} ${one.offered}`}>
                <Table.Td>
                  {one.name}
                  <Text c="dimmed" size="xs" hiddenFrom="sm">
                    {one.kind}
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm">{one.kind}</Table.Td>
                <Table.Td visibleFrom="sm">{one.installed}</Table.Td>
                <Table.Td>{one.offered}</Table.Td>
                <Table.Td visibleFrom="sm" style={{ whiteSpace: "nowrap" }}>
                  <Ago time={one.since} />
                </Table.Td>
                <Table.Td>{one.plan}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {updates.length > shown.length && (
        <Button variant="subtle" size="compact-sm" mt={4} onClick={() => setAll(true)}>
          Show all {updates.length}
        </Button>
      )}
    </>
  );
}

function InstallNow({ installation }: { installation: InstallationView }) {
  const install = useInstallUpdates();
  const [asking, setAsking] = useState(false);
  const planned = missingUpdates(part(installation, "missing")?.message ?? "").updates.filter(
    (one) => one.plan === "next window",
  ).length;
  const close = () => {
    setAsking(false);
    install.reset();
  };
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Install now…
      </Button>
      <Confirm
        opened={asking}
        title={`Install updates on ${installation.machine}?`}
        verb="Install now"
        busy={install.isPending}
        error={install.error}
        onClose={close}
        onConfirm={() => install.mutate(installation, { onSuccess: close })}
      >
        <Text size="sm">
          What its settings choose{planned > 0 && ` (${count(planned, "package")} as it was last seen)`} is installed
          once, in no window: now, or when the machine connects.{" "}
          {installation.settings.reboot === "if-needed"
            ? "The machine may restart afterwards."
            : "The machine is not restarted."}
        </Text>
      </Confirm>
    </>
  );
}
