import { Group, Text } from "@mantine/core";
import type { MachineView } from "../api/types";

/** Healthy of wanted, as number and bar. */
export function Health({ machine }: { machine: MachineView }) {
  const { installations, healthyInstallations } = machine;
  if (installations === 0) {
    return (
      <Text c="dimmed" size="sm">
        none wanted
      </Text>
    );
  }
  const all = healthyInstallations === installations;
  return (
    <Group gap={10} wrap="nowrap">
      <div
        aria-hidden="true"
        style={{ width: 64, height: 6, borderRadius: 3, background: "var(--tone-wait-bg)", overflow: "hidden" }}
      >
        <div
          style={{
            width: `${(100 * healthyInstallations) / installations}%`,
            height: "100%",
            background: all ? "var(--tone-ok-dot)" : "var(--tone-warn-dot)",
          }}
        />
      </div>
      <Text size="sm" fw={600} style={{ whiteSpace: "nowrap" }}>
        {healthyInstallations}/{installations}
      </Text>
    </Group>
  );
}
