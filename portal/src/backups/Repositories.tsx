import { Anchor, Group, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Link } from "react-router";
import type { RepositoryView } from "../api/backupTypes";
import { Chip } from "../show/Chip";
import { bytes, capitalize, count } from "../show/format";
import { Ago, useNow } from "../show/Time";
import {
  ageWords,
  backupShown,
  checkShown,
  grownWords,
  proofShown,
  proofWords,
  quotaUsed,
  replicaShown,
  replicaWords,
} from "./backupWords";
import { RepositoryActions } from "./RepositoryActions";
import { Sizes } from "./Sizes";

interface RepositoriesProps {
  all: RepositoryView[];
  withMachine: boolean;
}

/** One row for each repository, or one card where there is no room for rows. */
export function Repositories({ all, withMachine }: RepositoriesProps) {
  const wide = useMediaQuery("(min-width: 1100px)", true, { getInitialValueInEffect: false });
  // Beside the facts of a machine there is less room.
  if (!wide || !withMachine) {
    return (
      <Stack gap="sm" component="ul" style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {all.map((view) => (
          <Card key={keyOf(view)} view={view} withMachine={withMachine} />
        ))}
      </Stack>
    );
  }
  return (
    <div className="panel">
      <Table verticalSpacing="sm" horizontalSpacing="md" aria-label="Backup repositories">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Machine</Table.Th>
            <Table.Th scope="col">Backup</Table.Th>
            <Table.Th scope="col">Newest</Table.Th>
            <Table.Th scope="col">Size</Table.Th>
            <Table.Th scope="col">Proof</Table.Th>
            <Table.Th scope="col">Second place</Table.Th>
            <Table.Th scope="col">Check</Table.Th>
            <Table.Th scope="col">
              <span className="for-readers">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ verticalAlign: "top" }}>
          {all.map((view) => (
            <Row key={keyOf(view)} view={view} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function keyOf(view: RepositoryView): string {
  return `${view.machineId}/${view.installation}`;
}

/** The page of a repository. */
export function repositoryLink(view: RepositoryView): string {
  return `/backups/${encodeURIComponent(view.machineId)}/${encodeURIComponent(view.installation)}`;
}

function Row({ view }: { view: RepositoryView }) {
  return (
    <Table.Tr data-repository={`${view.machine}/${view.installation}`}>
      <Table.Td>
        <MachineName view={view} />
      </Table.Td>
      <Table.Td>
        <BackupName view={view} />
        <Running view={view} />
      </Table.Td>
      <Table.Td>
        <Newest view={view} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Size view={view} />
      </Table.Td>
      <Table.Td maw={230}>
        <Proof view={view} />
      </Table.Td>
      <Table.Td maw={210}>
        <Replica view={view} />
      </Table.Td>
      <Table.Td>
        <Check view={view} />
      </Table.Td>
      <Table.Td>
        <RepositoryActions view={view} />
      </Table.Td>
    </Table.Tr>
  );
}

function Card({ view, withMachine }: { view: RepositoryView; withMachine: boolean }) {
  return (
    <li className="panel" style={{ padding: "14px 18px" }} data-repository={`${view.machine}/${view.installation}`}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Group gap="4px 10px" style={{ fontSize: "1.02rem" }}>
            {withMachine && <MachineName view={view} />}
            <BackupName view={view} />
          </Group>
          <Running view={view} />
        </div>
        <RepositoryActions view={view} />
      </Group>
      <dl className="facts" style={{ marginTop: 10 }}>
        <dt>Newest</dt>
        <dd>
          <Newest view={view} />
        </dd>
        <dt>Size</dt>
        <dd>
          <Size view={view} />
        </dd>
        <dt>Proof</dt>
        <dd>
          <Proof view={view} />
        </dd>
        <dt>Second place</dt>
        <dd>
          <Replica view={view} />
        </dd>
        <dt>Check</dt>
        <dd>
          <Check view={view} />
        </dd>
      </dl>
    </li>
  );
}

function MachineName({ view }: { view: RepositoryView }) {
  return view.machineExists ? (
    <Anchor component={Link} to={`/machines/${encodeURIComponent(view.machine)}`} fw={600} inherit>
      {view.machine}
    </Anchor>
  ) : (
    <Text inherit span title={view.machineId}>
      {view.machine}{" "}
      <Text c="dimmed" inherit span>
        (gone)
      </Text>
    </Text>
  );
}

function BackupName({ view }: { view: RepositoryView }) {
  return (
    <Anchor component={Link} to={repositoryLink(view)} inherit>
      {view.installation}
    </Anchor>
  );
}

function Running({ view }: { view: RepositoryView }) {
  if (!view.running) {
    return null;
  }
  return (
    <div style={{ marginTop: 3 }}>
      <Chip
        shown={{ tone: "busy", label: `${capitalize(view.running)} runs`, meaning: "The control plane works on it." }}
      />
    </div>
  );
}

export function Newest({ view }: { view: RepositoryView }) {
  const now = useNow();
  return (
    <>
      <Chip shown={backupShown(view, now)} />
      <Below>
        {view.status.lastBackup && (
          <time dateTime={view.status.lastBackup} title={new Date(view.status.lastBackup).toLocaleString()}>
            {ageWords(view, now)}
          </time>
        )}
        {view.status.snapshots > 0 && <> · {count(view.status.snapshots, "snapshot")}</>}
      </Below>
    </>
  );
}

export function Size({ view }: { view: RepositoryView }) {
  const used = quotaUsed(view);
  return (
    <>
      {bytes(view.status.bytes)}
      {used !== null && (
        <span style={used >= 95 ? { color: "var(--tone-bad)", fontWeight: 600 } : { color: "var(--muted)" }}>
          {" "}
          ({used} % of the quota)
        </span>
      )}
      <Below>{grownWords(view)}</Below>
      <Sizes sizes={view.status.sizes} />
    </>
  );
}

export function Proof({ view }: { view: RepositoryView }) {
  const now = useNow();
  const at = view.status.lastProof?.at;
  return (
    <>
      <Chip shown={proofShown(view, now)} />
      <Below>
        {at && <Ago time={at} />}
        {at && ": "}
        {proofWords(view)}
      </Below>
    </>
  );
}

export function Replica({ view }: { view: RepositoryView }) {
  const now = useNow();
  return (
    <>
      <Chip shown={replicaShown(view, now)} />
      <Below>{replicaWords(view, now)}</Below>
      {view.policy.replica && (
        <Below>
          <span className="mono">{view.policy.replica}</span>
        </Below>
      )}
    </>
  );
}

export function Check({ view }: { view: RepositoryView }) {
  const { lastCheck } = view.status;
  return (
    <div data-part="check">
      <Chip shown={checkShown(view)} />
      <Below>
        {lastCheck && <Ago time={lastCheck.at} />}
        {lastCheck && !lastCheck.good && `: ${lastCheck.message}`}
      </Below>
    </div>
  );
}

function Below({ children }: { children: React.ReactNode }) {
  return (
    <Text c="dimmed" size="xs" mt={3} style={{ overflowWrap: "anywhere" }}>
      {children}
    </Text>
  );
}
