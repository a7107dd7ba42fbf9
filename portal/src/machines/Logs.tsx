import { Button, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../api/client";
import { type LogSource, useLog } from "../api/queries";
import type { MachineView } from "../api/types";
import { capitalize } from "../show/format";
import { Output } from "../show/Output";
import { ProblemNote } from "../show/ProblemNote";
import { useFollowedLog } from "./useLog";

const LABELS: Record<LogSource, string> = { console: "Serial console", agent: "Agent" };

/** The ends of the machine's logs, asked for only while somebody looks. */
export function Logs({ machine }: { machine: MachineView }) {
  // Only a machine that vmext made has a console it can see.
  const sources: LogSource[] = machine.provider === "self-enrolled" ? ["agent"] : ["console", "agent"];
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<LogSource>("console");
  const source = sources.includes(chosen) ? chosen : "agent";
  const console = useLog(machine.name, "console", open && source === "console");
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
      {open && source === "agent" && <AgentLog machine={machine.name} />}
      {open && source === "console" && <Console log={console} />}
    </section>
  );
}

/** It comes by itself, as the agent writes it. */
function AgentLog({ machine }: { machine: string }) {
  const log = useFollowedLog(machine, true);
  return (
    <>
      {log.problem && (
        <Text size="sm" c="dimmed" mb={4}>
          {capitalize(log.problem.detail)}. It goes on here when the machine is back.
        </Text>
      )}
      {!log.problem && (
        <Text size="xs" c="dimmed" mb={4}>
          {log.live ? "Live: new lines appear by themselves" : "Connecting…"}
        </Text>
      )}
      {log.text && <Output text={log.text} label={LABELS.agent} follow />}
    </>
  );
}

function Console({ log }: { log: ReturnType<typeof useLog> }) {
  const none = log.isError && problemOf(log.error).code === "log-not-found";
  if (none) {
    return (
      <Text size="sm" c="dimmed">
        {capitalize(problemOf(log.error).detail)}. {problemOf(log.error).hint}
      </Text>
    );
  }
  return (
    <>
      {log.isError && <ProblemNote error={log.error} />}
      {log.data?.truncated && (
        <Text size="xs" c="dimmed" mb={4}>
          The last 64 KiB
        </Text>
      )}
      {log.data && <Output text={log.data.text || "(empty)"} label={LABELS.console} follow />}
    </>
  );
}
