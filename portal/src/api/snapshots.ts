import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import { keys, machinePath, useInterval } from "./queries";
import type { Items, Problem } from "./types";

/** A snapshot of a machine's disk, as the API shows it. */
export interface SnapshotView {
  id: string;
  project: string;
  machine: string;
  state: "taking" | "ready" | "failed" | "deleting";
  kind: string | null;
  parent: string | null;
  chain: number;
  whyFull: string | null;
  consistency: string | null;
  note: string | null;
  at: string | null;
  diskBytes: number;
  bytes: number;
  digest: string | null;
  verifiedAt: string | null;
  faults: string[];
  problem: Problem | null;
  createdBy: string;
  createdAt: string;
  endedAt: string | null;
}

export type SnapshotAction = "verify" | "restore" | "delete";

function snapshotPath(machine: string, id: string): string {
  return `${machinePath(machine)}/snapshots/${encodeURIComponent(id)}`;
}

/** Newest first. */
export function useSnapshots(machine: string) {
  return useQuery({
    queryKey: keys.snapshots(machine),
    queryFn: async ({ signal }) =>
      (await call<Items<SnapshotView>>("GET", `${machinePath(machine)}/snapshots`, { signal })).items,
    refetchInterval: useInterval(),
  });
}

export function useTakeSnapshot(machine: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<SnapshotView>("POST", `${machinePath(machine)}/snapshots`, { body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.snapshots(machine) }),
  });
}

export function useSnapshotAction(machine: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action, withChain }: { id: string; action: SnapshotAction; withChain?: boolean }) =>
      action === "delete"
        ? call<unknown>("DELETE", `${snapshotPath(machine, id)}${withChain ? "?chain=true" : ""}`)
        : call<unknown>("POST", `${snapshotPath(machine, id)}/${action}`),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.snapshots(machine) }),
        client.invalidateQueries({ queryKey: keys.machine(machine) }),
      ]),
  });
}
