import {
  Button,
  Group,
  Radio,
  SegmentedControl,
  Select,
  Skeleton,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { useBackupSnapshots } from "../api/backups";
import type { RepositoryView } from "../api/backupTypes";
import { useMachines } from "../api/queries";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";
import { useNow } from "../show/Time";
import { misfit, type Overwrite, type RestoreWish, snapshotLabel, targets } from "./restoreWords";

interface RestoreFormProps {
  repository: RepositoryView;
  machine: string;
  onMachine: (machine: string) => void;
  wish: RestoreWish;
  onWish: (wish: RestoreWish) => void;
  busy: boolean;
  error: unknown;
  onBegin: () => void;
  onClose: () => void;
}

const MONO = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } };

export function RestoreForm({
  repository,
  machine,
  onMachine,
  wish,
  onWish,
  busy,
  error,
  onBegin,
  onClose,
}: RestoreFormProps) {
  const snapshots = useBackupSnapshots(repository.machineId, repository.installation);
  const machines = useMachines();
  const now = useNow();
  const [some, setSome] = useState(wish.include !== "");
  const [elsewhere, setElsewhere] = useState(wish.target !== "/");
  const wrong = misfit(wish, some);
  const set = (part: Partial<RestoreWish>) => onWish({ ...wish, ...part });

  const list = snapshots.data ?? [];
  const hosts = new Set(list.map((one) => one.host)).size;
  const newest = list[0];
  const chosen = wish.snapshot === "latest" ? newest : list.find((one) => one.id === wish.snapshot);
  const choices = targets(machines.data ?? [], repository.machineId);
  const target = machines.data?.find((one) => one.name === machine);
  const foreign = target !== undefined && target.id !== repository.machineId;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong === null && machine !== "" && !busy) {
          onBegin();
        }
      }}
    >
      <Stack gap="md">
        {snapshots.isError && <ProblemNote error={snapshots.error} onRetry={() => void snapshots.refetch()} />}
        {snapshots.isPending ? (
          <Skeleton height={60} radius={8} />
        ) : (
          <Select
            label="Snapshot"
            description={chosen ? `It has ${chosen.paths.join(", ")}` : undefined}
            data={[
              {
                value: "latest",
                label: newest ? `Newest: ${snapshotLabel(newest, hosts, now)}` : "The newest",
              },
              ...list.map((one) => ({ value: one.id, label: snapshotLabel(one, hosts, now) })),
            ]}
            value={wish.snapshot}
            onChange={(value) => set({ snapshot: value ?? "latest" })}
            allowDeselect={false}
            searchable
            nothingFoundMessage="No snapshot is called that"
          />
        )}
        <div>
          <SegmentedControl
            aria-label="How much to restore"
            data={[
              { value: "all", label: "Everything in it" },
              { value: "some", label: "Some files" },
            ]}
            value={some ? "some" : "all"}
            onChange={(value) => {
              setSome(value === "some");
              if (value === "all") {
                set({ include: "" });
              }
            }}
          />
          {some && (
            <Textarea
              mt="sm"
              label="Only these"
              description="One a line: absolute paths, or patterns like *.conf"
              placeholder={chosen?.paths[0] ?? "/etc/nginx"}
              value={wish.include}
              onChange={(event) => set({ include: event.currentTarget.value })}
              autosize
              minRows={2}
              maxRows={10}
              spellCheck={false}
              styles={MONO}
              data-autofocus
            />
          )}
        </div>
        <Textarea
          label="Not these"
          description="One a line; may be empty"
          value={wish.exclude}
          onChange={(event) => set({ exclude: event.currentTarget.value })}
          autosize
          minRows={1}
          maxRows={10}
          spellCheck={false}
          styles={MONO}
        />
        <Select
          label="To machine"
          placeholder="Choose"
          data={choices}
          value={machine || null}
          onChange={(value) => onMachine(value ?? "")}
          searchable
          allowDeselect={false}
          nothingFoundMessage="No machine is called that"
          {...(target && target.state !== "online"
            ? { description: "It is not connected: the restore waits until it is." }
            : foreign
              ? { description: "For as long as the restore takes it may read these backups." }
              : {})}
        />
        <div>
          <SegmentedControl
            aria-label="Where to"
            data={[
              { value: "own", label: "Where it was" },
              { value: "folder", label: "Into a folder" },
            ]}
            value={elsewhere ? "folder" : "own"}
            onChange={(value) => {
              setElsewhere(value === "folder");
              set({ target: value === "folder" ? "/srv/restored" : "/" });
            }}
          />
          {elsewhere && (
            <TextInput
              mt="sm"
              label="Folder"
              description={`Gets the whole path below it${chosen?.paths[0] ? `: ${below(wish.target, chosen.paths[0])}` : ""}`}
              value={wish.target}
              onChange={(event) => set({ target: event.currentTarget.value })}
              spellCheck={false}
              autoComplete="off"
              styles={MONO}
            />
          )}
        </div>
        <Radio.Group
          label="Files that are there"
          value={wish.overwrite}
          onChange={(value) => set({ overwrite: value as Overwrite })}
        >
          <Group gap="6px 20px" mt={6}>
            <Radio value="always" label="The backup wins" />
            <Radio value="if-newer" label="The newer one wins" />
            <Radio value="never" label="What is there stays" />
          </Group>
        </Radio.Group>
        <Switch
          label="Dry run: only tell what it would do"
          checked={wish.dryRun}
          onChange={(event) => set({ dryRun: event.currentTarget.checked })}
        />
        {!wish.dryRun && wish.overwrite !== "never" && !elsewhere && machine !== "" && (
          <Note tone="warn" title={`Files of ${machine} are replaced`}>
            <Text size="sm">
              {wish.overwrite === "always"
                ? "Those that differ from the backup get its content."
                : "Those that are older than the backup's get its content."}{" "}
              What the backup does not have stays.
            </Text>
          </Note>
        )}
        {error !== null && error !== undefined && <ProblemNote error={error} />}
        <Group justify="end" gap="xs">
          {wrong && (
            <Text size="sm" c="dimmed" style={{ flex: 1 }}>
              {wrong}
            </Text>
          )}
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={wrong !== null || machine === ""}>
            {wish.dryRun ? "Start the dry run" : "Restore"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** /srv/restored and /etc -> /srv/restored/etc */
function below(folder: string, path: string): string {
  return `${folder.replace(/\/+$/, "")}${path}`;
}
