import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import { keys, machinePath, projectPath, useInterval, useRefresh } from "./queries";
import { shortName } from "./shortName";
import type { BackupSnapshot, RepositoryView } from "./backupTypes";
import type { InstallationView, InstallationWrite, Items, JsonObject } from "./types";

export const BACKUP = "vmext.Backup";
export const RESTORE = "vmext.Restore";

/** Backup repositories of all machines, also of those that are gone. */
export function useRepositories() {
  return useQuery({
    queryKey: keys.repositories,
    queryFn: async ({ signal }) =>
      (await call<Items<RepositoryView>>("GET", projectPath("repositories"), { signal })).items,
    refetchInterval: useInterval(),
  });
}

/** The machine by its id: another one may have the name of one that is gone. */
function repositoryPath(machineId: string, installation: string): string {
  return `${machinePath(machineId)}/repositories/${encodeURIComponent(installation)}`;
}

export function useRepository(machineId: string, installation: string) {
  return useQuery({
    queryKey: [...keys.repositories, machineId, installation],
    queryFn: ({ signal }) => call<RepositoryView>("GET", repositoryPath(machineId, installation), { signal }),
    refetchInterval: useInterval(),
  });
}

/** The backups in a repository, newest first. Asks the repository itself, so not without need. */
export function useBackupSnapshots(machineId: string, installation: string) {
  return useQuery({
    queryKey: [...keys.repositories, machineId, installation, "snapshots"],
    queryFn: async ({ signal }) =>
      (await call<Items<BackupSnapshot>>("GET", `${repositoryPath(machineId, installation)}/snapshots`, { signal }))
        .items,
  });
}

export type RepositoryWork = "check" | "prove" | "replicate" | "prune";

/** Begins work on one repository; its status tells how it ends. */
export function useRepositoryWork(repository: RepositoryView) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (work: RepositoryWork) =>
      call<RepositoryView>("POST", `${repositoryPath(repository.machineId, repository.installation)}/${work}`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.repositories }),
  });
}

function installationPath(machine: string, name: string): string {
  return `${machinePath(machine)}/installations/${encodeURIComponent(name)}`;
}

/** What makes an installation run at once: the settings it has, and a word that it did not have yet. */
export function backupNow(before: InstallationView, word: string): InstallationWrite {
  return {
    extension: before.extension,
    version: before.constraint === "*" ? null : before.constraint,
    settings: { ...before.settings, now: word },
    protectedSettings: null,
    after: before.after,
    rerun: null,
    deadlines: before.deadlines,
  };
}

/** Begins a backup beside the schedule, as vmext backup does. */
export function useBackUpNow(repository: RepositoryView) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async () => {
      const path = installationPath(repository.machine, repository.installation);
      const before = await call<InstallationView>("GET", path);
      return call<InstallationView>("PUT", path, { body: backupNow(before, `run-${shortName()}`) });
    },
    onSuccess: () => refresh(repository.machine),
  });
}

export interface StartRestore {
  machine: string;
  name: string;
  settings: JsonObject;
  mustBeNew: boolean;
}

/** Puts an installation of vmext.Restore on a machine, as vmext restore does. */
export function useStartRestore() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ machine, name, settings, mustBeNew }: StartRestore) =>
      call<InstallationView>("PUT", installationPath(machine, name), {
        body: {
          extension: RESTORE,
          version: null,
          settings,
          protectedSettings: null,
          after: null,
          rerun: null,
          deadlines: null,
        } satisfies InstallationWrite,
        headers: mustBeNew ? { "If-None-Match": "*" } : {},
      }),
    onSuccess: (_, { machine }) => refresh(machine),
  });
}
