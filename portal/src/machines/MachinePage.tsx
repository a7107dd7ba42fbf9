import { Anchor, Breadcrumbs, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { problemOf } from "../api/client";
import { useInstallations, useMachine, useMay } from "../api/queries";
import type { InstallationView, MachineView } from "../api/types";
import { MachineBackups } from "../backups/BackupsPage";
import { Commands } from "../commands/Commands";
import { FindingBadge, MachineFindings } from "../findings/MachineFindings";
import { InstallationCard } from "../installations/InstallationCard";
import { MachineCharts } from "../metrics/MachineCharts";
import { Chip } from "../show/Chip";
import { count, powerText, system } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { machineState } from "../show/states";
import { Ago } from "../show/Time";
import { Snapshots } from "../snapshots/Snapshots";
import { MachineUpdates } from "../updates/MachineUpdates";
import { Availability } from "./Availability";
import { Facts } from "./Facts";
import { Logs } from "./Logs";
import { MachineActions } from "./MachineActions";
import classes from "./MachinePage.module.css";
import { Progress } from "./Progress";
import { Removals } from "./Removals";
import { Unmanaged } from "./Unmanaged";

const InstallDialog = lazy(() => import("../installations/InstallDialog"));

export function MachinePage() {
  const name = useParams().machine ?? "";
  const machine = useMachine(name);
  const gone = machine.isError && problemOf(machine.error).code === "machine-not-found";
  return (
    <Stack gap="md">
      <title>{`${name} · vmext`}</title>
      <Breadcrumbs separatorMargin={6} style={{ fontSize: "0.875rem" }}>
        <Anchor component={Link} to="/" inherit>
          Machines
        </Anchor>
        <Text inherit c="dimmed" span>
          {name}
        </Text>
      </Breadcrumbs>
      {machine.isError && (
        <ProblemNote error={machine.error} {...(gone ? {} : { onRetry: () => void machine.refetch() })} />
      )}
      {machine.isPending && <Skeleton height={240} radius={12} />}
      {machine.data && !gone && <Machine key={machine.data.id} machine={machine.data} />}
    </Stack>
  );
}

function Machine({ machine }: { machine: MachineView }) {
  return (
    <>
      <Group justify="space-between" align="start" gap="sm">
        <div>
          <Group gap="sm">
            <Title order={1} style={{ overflowWrap: "anywhere" }}>
              {machine.name}
            </Title>
            <Chip shown={machineState(machine.state)} />
            <FindingBadge machine={machine.name} />
          </Group>
          <Text c="dimmed" size="sm" mt={4}>
            {[
              system(machine.facts),
              machine.provider,
              machine.power && machine.power !== "running" && `power: ${powerText(machine.power)}`,
            ]
              .filter(Boolean)
              .join(" · ")}
            {machine.lastSeen && machine.state !== "online" && (
              <>
                {" · last seen "}
                <Ago time={machine.lastSeen} />
              </>
            )}
          </Text>
          {!machine.problem && machine.state !== "online" && <Progress machine={machine} />}
        </div>
        <MachineActions machine={machine} />
      </Group>
      {machine.problem && <ProblemNote problem={machine.problem} />}
      <div className={classes.columns}>
        <div>
          <MachineFindings machine={machine.name} />
          <Installations machine={machine} />
          <MachineCharts machine={machine.name} />
          <MachineBackups machine={machine} />
          <MachineUpdates machine={machine} />
          <Availability machine={machine.name} />
          <Snapshots machine={machine} />
          <Unmanaged machine={machine} />
          <Removals machine={machine.name} />
        </div>
        <aside className={classes.aside} aria-label="About the machine">
          <Facts machine={machine} />
        </aside>
        <div className={classes.logs}>
          <div style={{ marginBottom: 20 }}>
            <Commands machine={machine} />
          </div>
          <Logs machine={machine} />
        </div>
      </div>
    </>
  );
}

type Dialog = { kind: "install"; extension: string } | { kind: "change"; installation: InstallationView };

function Installations({ machine }: { machine: MachineView }) {
  const installations = useInstallations(machine.name);
  const may = useMay("installation-write") && machine.state !== "deleting";
  const [query, setQuery] = useSearchParams();
  // A link can ask for the form of one extension: /machines/demo?install=vmext.Metrics
  const asked = may ? query.get("install") : null;
  const [opened, setDialog] = useState<Dialog | null>(null);
  const dialog: Dialog | null = opened ?? (asked ? { kind: "install", extension: asked } : null);
  const close = () => {
    setDialog(null);
    if (query.has("install")) {
      const rest = new URLSearchParams(query);
      rest.delete("install");
      setQuery(rest, { replace: true, preventScrollReset: true });
    }
  };
  const list = installations.data ?? [];
  // Removed while its dialog was open: the dialog has nothing to change any more.
  const changing = dialog?.kind === "change" ? dialog.installation : null;
  return (
    <section aria-labelledby="installations">
      <Group justify="space-between" mb="sm" gap="xs">
        <Group gap="xs" align="baseline">
          <Title order={2} size="h3" id="installations">
            Extensions
          </Title>
          {list.length > 0 && (
            <Text c="dimmed" size="sm">
              {list.filter((one) => one.healthy).length} of {count(list.length, "installation")} healthy
            </Text>
          )}
        </Group>
        {may && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ kind: "install", extension: "" })}>
            Install extension
          </Button>
        )}
      </Group>
      <Stack gap="sm">
        {installations.isError && !installations.data && (
          <ProblemNote error={installations.error} onRetry={() => void installations.refetch()} />
        )}
        {installations.isPending && <Skeleton height={120} radius={12} />}
        {installations.data?.length === 0 && (
          <div className="panel" style={{ padding: 24 }}>
            <Text fw={600}>Nothing is installed here</Text>
            <Text c="dimmed" size="sm" mt={2}>
              Extensions can be added now, whether the machine runs or not: it takes them when it connects.
            </Text>
          </div>
        )}
        {list.map((installation) => (
          <InstallationCard
            key={installation.name}
            installation={installation}
            openAtFirst={list.length <= 4 || !installation.healthy}
            may={may}
            onChange={() => setDialog({ kind: "change", installation })}
          />
        ))}
      </Stack>
      {dialog && (
        <Suspense fallback={null}>
          <InstallDialog
            key={changing?.name ?? ""}
            extension={dialog.kind === "install" ? dialog.extension : ""}
            machine={machine}
            installations={list}
            installation={changing}
            onClose={close}
          />
        </Suspense>
      )}
    </section>
  );
}
