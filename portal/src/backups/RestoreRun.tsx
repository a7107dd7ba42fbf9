import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { Link } from "react-router";
import { useInstallations } from "../api/queries";
import { Cause } from "../installations/Cause";
import { LastOutput } from "../installations/LastOutput";
import { Chip } from "../show/Chip";
import { Note } from "../show/Note";
import { Output } from "../show/Output";
import { ProblemNote } from "../show/ProblemNote";
import { installationState } from "../show/states";
import { For } from "../show/Time";
import { isOver, reportOf } from "./restoreWords";

interface RestoreRunProps {
  machine: string;
  name: string;
  dryRun: boolean;
  busy: boolean;
  error: unknown;
  onOver: (over: boolean) => void;
  /** After a dry run: the same in earnest. */
  onRestore: () => void;
  /** To the form, to ask for something else. */
  onBack: () => void;
  onClose: () => void;
}

/** How a restore goes, from what its installation says. */
export function RestoreRun({
  machine,
  name,
  dryRun,
  busy,
  error,
  onOver,
  onRestore,
  onBack,
  onClose,
}: RestoreRunProps) {
  const installations = useInstallations(machine);
  const view = installations.data?.find((one) => one.name === name);
  // While the next one is being sent, what is known is of the one before.
  const mine = view && view.settings.dryRun === dryRun ? view : undefined;
  const over = mine !== undefined && isOver(mine);
  useEffect(() => onOver(over), [over, onOver]);
  const report = over ? reportOf(mine) : "";
  return (
    <Stack gap="md">
      <Group gap="6px 12px">
        <Text fw={600}>
          {dryRun ? "Dry run on" : "Restore on"} {machine}
        </Text>
        {mine && <Chip shown={installationState(mine)} />}
        {mine && !over && (
          <Text size="sm" c="dimmed">
            for <For since={mine.stateSince} />
          </Text>
        )}
      </Group>
      {installations.isError && !installations.data && (
        <ProblemNote error={installations.error} onRetry={() => void installations.refetch()} />
      )}
      {mine?.status?.message && (
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }} role="status">
          {mine.status.message.trim()}
        </Text>
      )}
      {mine?.cause && <Cause cause={mine.cause} state={mine.state} />}
      {mine && over && !mine.healthy && <LastOutput installation={mine} />}
      {report && <Output text={report.trim()} label="Report" />}
      {!over && (
        <Text size="sm" c="dimmed">
          This window can be closed: the restore goes on, and is on{" "}
          <Anchor component={Link} to={`/machines/${encodeURIComponent(machine)}`} inherit>
            the page of {machine}
          </Anchor>{" "}
          as <span className="mono">{name}</span> until it is uninstalled there.
        </Text>
      )}
      {over && mine.healthy && !dryRun && (
        <Note tone="ok" title="The files are back">
          <Text size="sm">What was restored stays; its installation {name} is taken off when this window closes.</Text>
        </Note>
      )}
      {error !== null && error !== undefined && <ProblemNote error={error} />}
      <Group justify="end" gap="xs">
        {over && (dryRun || !mine.healthy) && (
          <Button variant="subtle" color="gray" onClick={onBack}>
            Ask for something else
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        {over && mine.healthy && dryRun && (
          <Button loading={busy} onClick={onRestore}>
            Restore for real
          </Button>
        )}
      </Group>
    </Stack>
  );
}
