import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useDeleteInstallation, useMay } from "../api/queries";
import type { MachineView, UnmanagedView } from "../api/types";
import { Chip } from "../show/Chip";
import { Confirm } from "../show/Confirm";
import { installationState } from "../show/states";
import { Ago } from "../show/Time";

/** What is, or may be, on the machine although nobody wants it there. The agent leaves it alone; a person decides. */
export function Unmanaged({ machine }: { machine: MachineView }) {
  const may = useMay("installation-write") && machine.state !== "deleting";
  const remove = useDeleteInstallation();
  const [asked, setAsked] = useState("");
  const [asking, setAsking] = useState(false);
  const close = () => {
    setAsking(false);
    remove.reset();
  };
  if (machine.unmanaged.length === 0 && !asking) {
    return null;
  }
  return (
    <section aria-labelledby="unmanaged" style={{ marginTop: 24 }}>
      <Title order={2} size="h3" mb={4} id="unmanaged">
        Unmanaged
      </Title>
      <Text size="sm" c="dimmed" mb="sm" maw={720}>
        On the machine although nobody wants it here: its record was forgotten, or the machine brought it. The agent
        leaves it as it is. Installing the same extension under the same name takes it over; removing it uninstalls it.
      </Text>
      <Stack gap="sm">
        {machine.unmanaged.map((one) => (
          <Line
            key={one.name}
            one={one}
            onRemove={
              may
                ? () => {
                    setAsked(one.name);
                    setAsking(true);
                  }
                : undefined
            }
          />
        ))}
      </Stack>
      <Confirm
        opened={asking}
        title={`Remove ${asked} from ${machine.name}?`}
        verb="Remove"
        danger
        busy={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => remove.mutate({ machine: machine.name, name: asked }, { onSuccess: close })}
      >
        <Text size="sm">
          The machine runs its uninstall, now or when it connects. What that takes away and leaves is listed under
          Removed.
        </Text>
      </Confirm>
    </section>
  );
}

function Line({ one, onRemove }: { one: UnmanagedView; onRemove: (() => void) | undefined }) {
  // Nobody wants it, so it is neither healthy nor unhealthy: only its state is told.
  const shown = installationState({ state: one.state, healthy: true, kind: "continuous" });
  return (
    <div className="panel" style={{ padding: "12px 18px" }} data-unmanaged={one.name}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Group gap="6px 12px">
            <Text fw={600}>{one.name}</Text>
            <Chip shown={one.state === "ready" ? { ...shown, label: "Ready", tone: "wait" } : shown} />
          </Group>
          <Text size="sm" c="dimmed" mt={2} style={{ overflowWrap: "anywhere" }}>
            {[one.extension, one.version ?? "(version not known)"].join(" ")} ·{" "}
            {one.reported ? "reported by the machine" : "may still be there; the machine has not spoken of it since"}{" "}
            <Ago time={one.at} />
          </Text>
        </div>
        {onRemove && (
          <Button
            size="xs"
            variant="default"
            onClick={onRemove}
            aria-label={`Remove ${one.name}`}
            style={{ flex: "none" }}
          >
            Remove…
          </Button>
        )}
      </Group>
    </div>
  );
}
