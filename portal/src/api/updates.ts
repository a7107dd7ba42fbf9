import { useMutation, useQuery } from "@tanstack/react-query";
import { call } from "./client";
import { keys, machinePath, projectPath, useRefresh } from "./queries";
import { shortName } from "./shortName";
import type { InstallationView, InstallationWrite } from "./types";
import type { MetricRange } from "./watchTypes";

export const UPDATES = "vmext.Updates";

/** What was not told for a day counts as unknown. */
const KNOWN_SECONDS = 86_400;

/** The metrics of vmext.Updates that the fleet's table is made of, with conditions. */
const QUESTIONS = {
  security: ["vmext_updates_missing", "class=security"],
  other: ["vmext_updates_missing", "class=other"],
  overdueSecurity: ["vmext_updates_overdue", "class=security"],
  overdueOther: ["vmext_updates_overdue", "class=other"],
  restart: ["vmext_updates_reboot_needed", ""],
  compliant: ["vmext_updates_compliant", ""],
  assessed: ["vmext_updates_last_assessment_timestamp_seconds", ""],
} as const;

export type UpdateFigures = Record<keyof typeof QUESTIONS, Map<string, number>>;

/** The newest value of each machine. */
export function newest(range: MetricRange): Map<string, number> {
  const values = new Map<string, number>();
  for (const series of range.series) {
    const value = series.values.findLast((one) => one !== null);
    if (series.labels.machine !== undefined && value !== undefined && value !== null) {
      values.set(series.labels.machine, value);
    }
  }
  return values;
}

/** What all machines told of their updates lately. */
export function useUpdateFigures() {
  return useQuery({
    queryKey: keys.updates,
    queryFn: async ({ signal }): Promise<UpdateFigures> => {
      const to = Math.ceil(Date.now() / 1000);
      const asked = Object.entries(QUESTIONS).map(async ([key, [name, match]]) => {
        const query = new URLSearchParams({
          name,
          from: String(to - KNOWN_SECONDS),
          to: String(to),
          step: "24h",
          aggregate: "last",
          by: "machine",
          ...(match ? { match } : {}),
        });
        const range = await call<MetricRange>("GET", `${projectPath("metrics", "range")}?${query.toString()}`, {
          signal,
        });
        return [key, newest(range)] as const;
      });
      return Object.fromEntries(await Promise.all(asked)) as UpdateFigures;
    },
    refetchInterval: 60_000,
  });
}

/** What makes it install at once: the settings it has, and an id that it did not have yet. */
export function installNow(before: InstallationView, id: string): InstallationWrite {
  return {
    extension: before.extension,
    version: before.constraint === "*" ? null : before.constraint,
    settings: { ...before.settings, installNow: { id } },
    protectedSettings: null,
    after: before.after,
    rerun: null,
    deadlines: before.deadlines,
  };
}

export function useInstallUpdates() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (before: InstallationView) =>
      call<InstallationView>("PUT", `${machinePath(before.machine)}/installations/${encodeURIComponent(before.name)}`, {
        body: installNow(before, `portal-${shortName()}`),
      }),
    onSuccess: (_, before) => refresh(before.machine),
  });
}
