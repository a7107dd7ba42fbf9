import { Progress as Bar, Text } from "@mantine/core";
import type { MachineView } from "../api/types";

/** The provider's words, with a bar while it knows how far it is. */
export function Progress({ machine }: { machine: MachineView }) {
  if (!machine.message && machine.progress === null) {
    return null;
  }
  return (
    <div style={{ marginTop: 6 }}>
      {machine.message && (
        <Text size="sm" c="dimmed">
          {machine.message}
          {machine.progress !== null && ` · ${machine.progress} %`}
        </Text>
      )}
      {machine.state === "expected" && machine.provider === "self-enrolled" && (
        <Text size="sm" mt={4}>
          To bring it in: <span className="mono">vmext machine enroll-command {machine.name}</span> prints a line for
          its root.
        </Text>
      )}
      {machine.progress !== null && (
        <Bar value={machine.progress} size="sm" mt={5} maw={320} aria-label={`Progress of ${machine.name}`} animated />
      )}
    </div>
  );
}
