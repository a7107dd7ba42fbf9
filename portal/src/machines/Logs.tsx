import { Button, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../api/client";
import { type LogSource, useLog } from "../api/queries";
import type { MachineView } from "../api/types";
import { Output } from "../show/Output";
import { ProblemNote } from "../show/ProblemNote";

const LABELS: Record<LogSource, string> = { console: "Serial console", agent: "Agent" };

/** The ends of the machine's logs, asked for only while somebody looks. */
export function Logs({ machine }: { machine: MachineView }) {
  // Only a machine that vmext made has a console it can see.
  const sources: LogSource[] = machine.provider === "self-enrolled" ? ["agent"] : ["console", "agent"];
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<LogSource>("console");
  const source = sources.includes(chosen) ? chosen : "agent";
  const log = useLog(machine.name, source, open);
  const none = log.isError && problemOf(log.error).code === "log-not-found";
  return (
    <section aria-labelledby="logs">
      <Group justify="space-between" mb={open ? "xs" : 0} gap="xs">
        <Title order={2} size="h5" id="logs">
          Logs
        </Title>
        <Group gap="xs">
          {open && sources.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label="Which log"
              data={sources.map((value) => ({ value, label: LABELS[value] }))}
              value={source}
              onChange={(value) => setChosen(value === "agent" ? "agent" : "console")}
            />
          )}
          <Button variant="default" size="xs" onClick={() => setOpen(!open)} aria-expanded={open}>
            {open ? "Hide" : "Show"}
          </Button>
        </Group>
      </Group>
      {open && none && (
        <Text size="sm" c="dimmed">
          {problemOf(log.error).detail}. {problemOf(log.error).hint}
        </Text>
      )}
      {open && log.isError && !none && <ProblemNote error={log.error} />}
      {open && log.data && (
        <>
          {log.data.truncated && (
            <Text size="xs" c="dimmed" mb={4}>
              The last 64 KiB
            </Text>
          )}
          <Output text={log.data.text || "(empty)"} label={LABELS[source]} follow />
        </>
      )}
    </section>
  );
}
