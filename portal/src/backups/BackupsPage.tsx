import { Group, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useSearchParams } from "react-router";
import { BACKUP, useRepositories } from "../api/backups";
import { useInstallations, useMay } from "../api/queries";
import type { MachineView } from "../api/types";
import { InstallLink } from "../installations/InstallLink";
import { ProblemNote } from "../show/ProblemNote";
import { useNow } from "../show/Time";
import { fleetWords, needsLook } from "./backupWords";
import { Repositories } from "./Repositories";

/** Backups of the whole fleet. */
export function BackupsPage() {
  const repositories = useRepositories();
  const now = useNow();
  const [query, setQuery] = useSearchParams();
  const all = repositories.data ?? [];
  const look = all.filter((view) => needsLook(view, now));
  const onlyLook = query.get("show") === "look";
  const shown = onlyLook ? look : all;
  return (
    <Stack gap="md">
      <title>Backups · vmext</title>
      <Group justify="space-between" align="end" gap="xs">
        <Title order={1}>Backups</Title>
        {all.length > 0 && (
          <Text c="dimmed" size="sm">
            {fleetWords(all, now)}
          </Text>
        )}
      </Group>
      {repositories.isError && <ProblemNote error={repositories.error} onRetry={() => void repositories.refetch()} />}
      {repositories.isPending && <Skeleton height={140} radius={12} />}
      {repositories.data && all.length === 0 && (
        <div className="panel" style={{ padding: 24 }}>
          <Text fw={600}>There are no backups</Text>
          <Text c="dimmed" size="sm" mt={2}>
            Install vmext.Backup on a machine, on its page. Its backups are here then, and can be restored to it or to
            another machine.
          </Text>
        </div>
      )}
      {all.length > 0 && (
        <SegmentedControl
          size="xs"
          aria-label="Which backups"
          style={{ alignSelf: "start" }}
          data={[
            { value: "all", label: `All ${all.length}` },
            { value: "look", label: `To look at ${look.length}` },
          ]}
          value={onlyLook ? "look" : "all"}
          onChange={(value) => setQuery(value === "look" ? { show: "look" } : {}, { replace: true })}
        />
      )}
      {all.length > 0 && shown.length === 0 && (
        <Text c="dimmed" size="sm">
          All are as they should be.
        </Text>
      )}
      {shown.length > 0 && <Repositories all={shown} withMachine />}
    </Stack>
  );
}

/** Those of one machine, on its page. */
export function MachineBackups({ machine }: { machine: MachineView }) {
  const repositories = useRepositories();
  const installations = useInstallations(machine.name);
  const may = useMay("installation-write") && machine.state !== "deleting";
  const own = repositories.data?.filter((view) => view.machineId === machine.id) ?? [];
  const wanted = installations.data?.some((one) => one.category === "backup" && !one.removing) ?? false;
  return (
    <section style={{ marginTop: 24 }} aria-labelledby="backups">
      <Title order={2} size="h3" mb="sm" id="backups">
        Backups
      </Title>
      {repositories.isError && !repositories.data && (
        <ProblemNote error={repositories.error} onRetry={() => void repositories.refetch()} />
      )}
      {repositories.data && own.length === 0 && (
        <Text c="dimmed" size="sm">
          {wanted ? (
            "No repository of the control plane holds backups of this machine."
          ) : (
            <>
              Nothing of this machine is backed up. {may && <InstallLink machine={machine.name} extension={BACKUP} />}
            </>
          )}
        </Text>
      )}
      {own.length > 0 && <Repositories all={own} withMachine={false} />}
    </section>
  );
}
