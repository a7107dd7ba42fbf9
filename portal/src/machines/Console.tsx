import { Button, Group, Text, Title } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../api/client";
import { useConsole } from "../api/queries";
import { Output } from "../show/Output";
import { ProblemNote } from "../show/ProblemNote";

/** The end of the machine's serial console, asked for only while somebody looks. */
export function Console({ machine }: { machine: string }) {
  const [open, setOpen] = useState(false);
  const log = useConsole(machine, open);
  const none = log.isError && problemOf(log.error).code === "log-not-found";
  return (
    <div>
      <Group justify="space-between" mb={open ? "xs" : 0}>
        <Title order={2} size="h5">
          Serial console
        </Title>
        <Button variant="default" size="xs" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? "Hide" : "Show"}
        </Button>
      </Group>
      {open && none && (
        <Text size="sm" c="dimmed">
          The machine has written nothing yet.
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
          <Output text={log.data.text || "(empty)"} label="Serial console" follow />
        </>
      )}
    </div>
  );
}
