import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCamera } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "../api/queries";
import {
  type SnapshotAction,
  type SnapshotView,
  useSnapshotAction,
  useSnapshots,
  useTakeSnapshot,
} from "../api/snapshots";
import type { MachineView } from "../api/types";
import { Confirm } from "../show/Confirm";
import { Chip } from "../show/Chip";
import { bytes, count } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import type { Shown } from "../show/states";
import { Ago } from "../show/Time";

const SHOWN = 8;

/** Snapshots of the machine's disk; only of machines that vmext makes itself. */
export function Snapshots({ machine }: { machine: MachineView }) {
  return machine.provider === "self-enrolled" ? null : <OfDisk machine={machine} />;
}

interface Asked {
  id: string;
  action: "restore" | "delete";
}

/** Newest first. */
function OfDisk({ machine }: { machine: MachineView }) {
  const may = useMay("machine-write") && machine.state !== "deleting";
  const snapshots = useSnapshots(machine.name);
  const take = useTakeSnapshot(machine.name);
  const action = useSnapshotAction(machine.name);
  // What was asked stays in the dialog while it closes.
  const [asked, setAsked] = useState<Asked>({ id: "", action: "restore" });
  const [asking, setAsking] = useState(false);
  const [all, setAll] = useState(false);
  const close = () => {
    setAsking(false);
    action.reset();
  };
  const list = snapshots.data ?? [];
  const shown = all ? list : list.slice(0, SHOWN);
  const chosen = list.find((one) => one.id === asked.id);
  const chain = buildingOn(list, asked.id);
  return (
    <section aria-labelledby="snapshots" style={{ marginTop: 24 }}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h3" id="snapshots">
          Snapshots
        </Title>
        {may && (
          <Button
            variant="default"
            leftSection={<IconCamera size={16} />}
            loading={take.isPending}
            onClick={() => take.mutate()}
          >
            Take snapshot
          </Button>
        )}
      </Group>
      <Stack gap="xs">
        {take.isError && <ProblemNote error={take.error} />}
        {snapshots.isError && !snapshots.data && (
          <ProblemNote error={snapshots.error} onRetry={() => void snapshots.refetch()} />
        )}
        {action.isError && !asking && <ProblemNote error={action.error} />}
        {snapshots.data?.length === 0 && (
          <Text c="dimmed" size="sm">
            None yet. A snapshot keeps the machine's disk as it is at one moment, while the machine runs.
          </Text>
        )}
        {shown.map((snapshot) => (
          <Snapshot
            key={snapshot.id}
            snapshot={snapshot}
            may={may}
            onAsk={(what) => {
              if (what === "verify") {
                action.mutate(
                  { id: snapshot.id, action: what },
                  {
                    onSuccess: () =>
                      notifications.show({ message: "The snapshot is being read; what was found shows here." }),
                  },
                );
              } else {
                setAsked({ id: snapshot.id, action: what });
                setAsking(true);
              }
            }}
          />
        ))}
      </Stack>
      {list.length > shown.length && (
        <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setAll(true)}>
          Show all {list.length}
        </Button>
      )}
      <Confirm
        opened={asking}
        title={asked.action === "restore" ? `Put ${machine.name} back?` : "Delete this snapshot?"}
        verb={asked.action === "restore" ? "Restore" : "Delete"}
        danger
        busy={action.isPending}
        error={action.error}
        onClose={close}
        onConfirm={() =>
          action.mutate({ ...asked, withChain: asked.action === "delete" && chain > 0 }, { onSuccess: close })
        }
      >
        <Text size="sm">
          {asked.action === "restore" ? (
            <>
              The machine is switched off, gets the disk as it was {chosen?.at && <Ago time={chosen.at} />}, and boots.
              What was written since is lost.
            </>
          ) : (
            <>
              Its data is deleted
              {chain > 0 && `, and with it ${count(chain, "snapshot")} that ${chain === 1 ? "builds" : "build"} on it`}.
              This cannot be undone.
            </>
          )}
        </Text>
      </Confirm>
    </section>
  );
}

/** How many snapshots need this one. */
export function buildingOn(all: SnapshotView[], id: string): number {
  return all.filter((one) => one.parent === id).reduce((sum, one) => sum + 1 + buildingOn(all, one.id), 0);
}

/** One that is ready needs no word. */
const STATES: Record<string, Shown> = {
  taking: { tone: "busy", label: "Taking", meaning: "The disk is being copied; the machine runs." },
  failed: { tone: "bad", label: "Failed", meaning: "There is no such snapshot. Its problem says why." },
  deleting: { tone: "busy", label: "Deleting", meaning: "It is being removed." },
};

interface SnapshotProps {
  snapshot: SnapshotView;
  may: boolean;
  onAsk: (action: SnapshotAction) => void;
}

function Snapshot({ snapshot, may, onAsk }: SnapshotProps) {
  const ready = snapshot.state === "ready";
  return (
    <div className="panel" style={{ padding: "12px 18px" }} data-snapshot={snapshot.id}>
      <Group justify="space-between" gap="xs">
        <div>
          <Group gap="4px 10px">
            <Text fw={600}>
              <Ago time={snapshot.at ?? snapshot.createdAt} />
            </Text>
            {STATES[snapshot.state] && <Chip shown={STATES[snapshot.state] as Shown} />}
          </Group>
          <Text size="sm" c="dimmed" mt={2} style={{ overflowWrap: "anywhere" }}>
            {snapshotWords(snapshot)}
          </Text>
        </div>
        {may && (ready || snapshot.state === "failed") && (
          <Group gap={6}>
            {ready && (
              <>
                <Button size="compact-sm" variant="subtle" onClick={() => onAsk("verify")}>
                  Verify
                </Button>
                <Button size="compact-sm" variant="subtle" onClick={() => onAsk("restore")}>
                  Restore…
                </Button>
              </>
            )}
            <Button size="compact-sm" variant="subtle" color="red" onClick={() => onAsk("delete")}>
              Delete…
            </Button>
          </Group>
        )}
      </Group>
      {snapshot.note && (
        <Text size="sm" mt={4}>
          {snapshot.note}
        </Text>
      )}
      {snapshot.faults.map((fault) => (
        <Text key={fault} size="sm" mt={4} style={{ color: "var(--tone-bad)", overflowWrap: "anywhere" }}>
          {fault}
        </Text>
      ))}
      {snapshot.problem && <ProblemNote problem={snapshot.problem} />}
    </div>
  );
}

/** One line about a snapshot. */
export function snapshotWords(snapshot: SnapshotView): string {
  if (snapshot.state !== "ready") {
    return `asked for by ${snapshot.createdBy}`;
  }
  const kind = snapshot.kind === "increment" ? `increment ${snapshot.chain}` : `full (${snapshot.whyFull ?? ""})`;
  const verified =
    snapshot.verifiedAt === null ? "never verified" : snapshot.faults.length === 0 ? "verified" : "broken";
  return [
    kind,
    `${snapshot.consistency ?? ""}-consistent`.replace("off-consistent", "machine was off"),
    bytes(snapshot.bytes),
    verified,
  ].join(" · ");
}
