import { Anchor, Breadcrumbs, Button, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Link, useParams } from "react-router";
import { useBackupSnapshots, useRepository } from "../api/backups";
import type { BackupSnapshot, RepositoryView } from "../api/backupTypes";
import { problemOf } from "../api/client";
import { useMay } from "../api/queries";
import { bytes, count, duration } from "../show/format";
import { Mark } from "../show/Chip";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";
import { everyWords, hours, keptWords } from "./backupWords";
import { Repositories } from "./Repositories";

const RestoreDialog = lazy(() => import("./RestoreDialog"));

const SHOWN = 30;

/** One repository: what is in it, how it stands, and what is wanted of it. */
export function RepositoryPage() {
  const params = useParams();
  const machineId = params.machine ?? "";
  const installation = params.installation ?? "";
  const repository = useRepository(machineId, installation);
  const gone = repository.isError && problemOf(repository.error).code === "repository-not-found";
  const title = repository.data ? `${installation} of ${repository.data.machine}` : installation;
  return (
    <Stack gap="md">
      <title>{`${title} · vmext`}</title>
      <Breadcrumbs separatorMargin={6} style={{ fontSize: "0.875rem" }}>
        <Anchor component={Link} to="/backups" inherit>
          Backups
        </Anchor>
        <Text inherit c="dimmed" span>
          {title}
        </Text>
      </Breadcrumbs>
      <Title order={1} style={{ overflowWrap: "anywhere" }}>
        {title}
      </Title>
      {repository.isError && (
        <ProblemNote error={repository.error} {...(gone ? {} : { onRetry: () => void repository.refetch() })} />
      )}
      {repository.isPending && <Skeleton height={200} radius={12} />}
      {repository.data && !gone && (
        <>
          <Repositories all={[repository.data]} withMachine />
          <Snapshots repository={repository.data} />
          <Last repository={repository.data} />
          <Wanted repository={repository.data} />
        </>
      )}
    </Stack>
  );
}

function Snapshots({ repository }: { repository: RepositoryView }) {
  const snapshots = useBackupSnapshots(repository.machineId, repository.installation);
  const may = useMay("installation-write");
  const [restoring, setRestoring] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const list = snapshots.data ?? [];
  const shown = all ? list : list.slice(0, SHOWN);
  return (
    <section aria-labelledby="snapshots">
      <Title order={2} size="h3" mb="sm" id="snapshots">
        Snapshots
      </Title>
      {snapshots.isError && !snapshots.data && (
        <ProblemNote error={snapshots.error} onRetry={() => void snapshots.refetch()} />
      )}
      {snapshots.isPending && <Skeleton height={120} radius={12} />}
      {snapshots.data?.length === 0 && (
        <Text c="dimmed" size="sm">
          There is no backup in it yet.
        </Text>
      )}
      {shown.length > 0 && (
        <div className="panel" style={{ overflowX: "auto" }}>
          <Table verticalSpacing="xs" horizontalSpacing="md" aria-labelledby="snapshots">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Taken</Table.Th>
                <Table.Th scope="col">Paths</Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  Host
                </Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  Snapshot
                </Table.Th>
                {may && (
                  <Table.Th scope="col">
                    <span className="for-readers">Actions</span>
                  </Table.Th>
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((one) => (
                <Line key={one.id} one={one} onRestore={may ? () => setRestoring(one.id) : null} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {list.length > shown.length && (
        <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setAll(true)}>
          Show all {list.length}
        </Button>
      )}
      {restoring !== null && (
        <Suspense fallback={null}>
          <RestoreDialog repository={repository} snapshot={restoring} onClose={() => setRestoring(null)} />
        </Suspense>
      )}
    </section>
  );
}

function Line({ one, onRestore }: { one: BackupSnapshot; onRestore: (() => void) | null }) {
  return (
    <Table.Tr data-snapshot={one.id}>
      <Table.Td>
        {new Date(one.time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}
        <Text c="dimmed" size="xs">
          <Ago time={one.time} />
        </Text>
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <span className="mono">{one.paths.join(" ")}</span>
        {one.tags.length > 0 && (
          <Text c="dimmed" size="xs">
            {one.tags.join(", ")}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{one.host}</Table.Td>
      <Table.Td visibleFrom="sm">
        <span className="mono" title={one.id}>
          {one.id.slice(0, 8)}
        </span>
      </Table.Td>
      {onRestore && (
        <Table.Td ta="right">
          <Button size="compact-sm" variant="subtle" onClick={onRestore} aria-label={`Restore ${one.id.slice(0, 8)}`}>
            Restore…
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

/** How each kind of work ended. */
function Last({ repository }: { repository: RepositoryView }) {
  const { lastCheck, lastProof, lastReplication, lastPrune } = repository.status;
  return (
    <section aria-labelledby="work">
      <Title order={2} size="h3" mb="sm" id="work">
        Last work
      </Title>
      <div className="panel" style={{ padding: "16px 18px" }}>
        <dl className="facts">
          <Outcome name="Check" outcome={lastCheck} />
          <Outcome name="Proof" outcome={lastProof}>
            {lastProof?.good &&
              `Snapshot ${lastProof.snapshot.slice(0, 8)}: ${count(lastProof.files, "file")} with ${bytes(lastProof.bytes)} were back after ${duration(lastProof.recoverySeconds)}. What was written in the ${duration(lastProof.recoveryPointSeconds)} before would have been lost.`}
          </Outcome>
          <Outcome name="Second place" outcome={lastReplication}>
            {lastReplication &&
              `${count(lastReplication.snapshots, "snapshot")} there${lastReplication.missing > 0 ? `, ${lastReplication.missing} missing` : ""}`}
          </Outcome>
          <Outcome name="Forgetting" outcome={lastPrune} />
        </dl>
      </div>
    </section>
  );
}

interface OutcomeProps {
  name: string;
  outcome: { at: string; good: boolean; message: string } | null;
  children?: React.ReactNode;
}

function Outcome({ name, outcome, children }: OutcomeProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {outcome ? (
          <>
            {!outcome.good && (
              <>
                <Mark tone="bad">Failed</Mark>{" "}
              </>
            )}
            <Ago time={outcome.at} />
            {outcome.message && `: ${outcome.message}`}
            {children && (
              <Text c="dimmed" size="xs">
                {children}
              </Text>
            )}
          </>
        ) : (
          <Text c="dimmed" inherit>
            never
          </Text>
        )}
      </dd>
    </>
  );
}

function Wanted({ repository }: { repository: RepositoryView }) {
  const { policy } = repository;
  const replica = policy.replica ? (
    <>
      <span className="mono">{policy.replica}</span>, copied {everyWords(policy.replicaHours)}
      {policy.replicaLagHours > 0 && `, behind after ${hours(policy.replicaLagHours)}`}
      {repository.replicaSecrets.length > 0 && `, with secrets ${repository.replicaSecrets.join(", ")}`}
    </>
  ) : (
    "none"
  );
  const rows: [string, React.ReactNode][] = [
    ["Kept", `${keptWords(policy)}; forgotten ${everyWords(policy.pruneHours)}`],
    ["Quota", policy.quotaMiB > 0 ? bytes(policy.quotaMiB * 1024 * 1024) : "none"],
    ["Overdue", policy.overdueHours > 0 ? `after ${hours(policy.overdueHours)}` : "never"],
    ["Check", `${everyWords(policy.checkHours)}, reading ${policy.checkPercent} % of the data`],
    [
      "Proof",
      [
        everyWords(policy.proofHours),
        ...(policy.proofMaxAgeHours > 0 ? [`unproven after ${hours(policy.proofMaxAgeHours)}`] : []),
        ...(policy.proofProgram ? [`looked at by ${policy.proofProgram}`] : []),
        ...(policy.proofInclude.length > 0 ? [`only ${policy.proofInclude.join(" ")}`] : []),
      ].join(", "),
    ],
    ["Second place", replica],
  ];
  return (
    <section aria-labelledby="wanted">
      <Title order={2} size="h3" mb="sm" id="wanted">
        What is wanted
      </Title>
      <div className="panel" style={{ padding: "16px 18px" }}>
        <dl className="facts">
          {rows.map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Text size="xs" c="dimmed" mt="sm">
          Change it with{" "}
          <span className="mono">
            vmext repository set {repository.machineExists ? repository.machine : repository.machineId}{" "}
            {repository.installation}
          </span>
          ; <span className="mono">--help</span> shows what there is.
        </Text>
      </div>
    </section>
  );
}
