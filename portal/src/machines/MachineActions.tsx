import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDots, IconPlayerPlay, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useMachineAction, useMay } from "../api/queries";
import type { MachineView } from "../api/types";
import { Confirm } from "../show/Confirm";
import { ProblemNote } from "../show/ProblemNote";

export function MachineActions({ machine }: { machine: MachineView }) {
  const may = useMay("machine-write");
  const action = useMachineAction();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"stop" | "delete" | null>(null);
  if (!may || machine.state === "deleting") {
    return null;
  }
  const own = machine.provider !== "self-enrolled";
  const running = machine.power === "running";
  const making = machine.state === "provisioning" && machine.problem === null;
  const off = machine.power === "stopped" || machine.power === "absent";
  const startable = own && !making && (machine.problem !== null || off);
  const close = () => {
    setAsking(null);
    action.reset();
  };
  return (
    <div>
      <Group gap="xs">
        {startable && (
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={16} />}
            loading={action.isPending && action.variables.action === "start"}
            onClick={() => action.mutate({ machine: machine.name, action: "start" })}
          >
            Start
          </Button>
        )}
        {own && running && (
          <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={() => setAsking("stop")}>
            Stop
          </Button>
        )}
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={`More actions for ${machine.name}`}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsking("delete")}>
              {own ? "Delete machine…" : "Remove from vmext…"}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {action.isError && asking === null && (
        <div style={{ marginTop: 10, maxWidth: 420 }}>
          <ProblemNote error={action.error} />
        </div>
      )}
      <Confirm
        opened={asking === "stop"}
        title={`Stop ${machine.name}?`}
        verb="Stop"
        busy={action.isPending}
        error={action.error}
        onClose={close}
        onConfirm={() => action.mutate({ machine: machine.name, action: "stop" }, { onSuccess: close })}
      >
        <Text size="sm">It shuts down. Its disk stays, and changes made meanwhile wait until it is started again.</Text>
      </Confirm>
      <Confirm
        opened={asking === "delete"}
        title={`Delete ${machine.name}?`}
        verb="Delete"
        danger
        typed={machine.name}
        busy={action.isPending}
        error={action.error}
        onClose={close}
        onConfirm={() =>
          action.mutate(
            { machine: machine.name, action: "delete" },
            {
              onSuccess: () => {
                notifications.show({ message: `${machine.name} is being deleted.` });
                void navigate("/");
              },
            },
          )
        }
      >
        <Text size="sm">
          {own
            ? "The virtual machine, its disk and the snapshots of it are destroyed. This cannot be undone. Backups of it stay."
            : "vmext forgets the machine and refuses its agent. The machine itself runs on. Backups of it stay."}
        </Text>
      </Confirm>
    </div>
  );
}
