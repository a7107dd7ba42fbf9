import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import { keys, machinePath, projectPath, useInterval } from "./queries";
import type { Items } from "./types";
import type {
  AlertRuleView,
  AlertRuleWrite,
  AlertView,
  AvailabilityView,
  SilenceCreate,
  SilenceView,
} from "./watchTypes";

export function useAlerts() {
  return useQuery({
    queryKey: keys.alerts,
    queryFn: async ({ signal }) => (await call<Items<AlertView>>("GET", projectPath("alerts"), { signal })).items,
    refetchInterval: useInterval(),
  });
}

export function useAlertRules() {
  return useQuery({
    queryKey: keys.alertRules,
    queryFn: async ({ signal }) =>
      (await call<Items<AlertRuleView>>("GET", projectPath("alert-rules"), { signal })).items,
    refetchInterval: useInterval(),
  });
}

export function useSilences() {
  return useQuery({
    queryKey: keys.silences,
    queryFn: async ({ signal }) => (await call<Items<SilenceView>>("GET", projectPath("silences"), { signal })).items,
    refetchInterval: useInterval(),
  });
}

/** Of the machine, its installations and their probes. */
export function useAvailability(machine: string) {
  return useQuery({
    queryKey: keys.availability(machine),
    queryFn: async ({ signal }) =>
      (await call<Items<AvailabilityView>>("GET", `${machinePath(machine)}/availability`, { signal })).items,
    refetchInterval: 60_000,
  });
}

/** A rule or a silence changes also what is said of the alerts. */
function useRefresh() {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [keys.alertRules, keys.silences, keys.alerts].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
}

export function usePutRule() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ name, rule }: { name: string; rule: AlertRuleWrite }) =>
      call<AlertRuleView>("PUT", projectPath("alert-rules", name), { body: rule }),
    onSuccess: refresh,
  });
}

export function useSwitchRule() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ name, on }: { name: string; on: boolean }) =>
      call<AlertRuleView>("POST", `${projectPath("alert-rules", name)}/${on ? "enable" : "disable"}`),
    onSuccess: refresh,
  });
}

export function useDeleteRule() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) => call<AlertRuleView | undefined>("DELETE", projectPath("alert-rules", name)),
    onSuccess: refresh,
  });
}

export function useCreateSilence() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: SilenceCreate) => call<SilenceView>("POST", projectPath("silences"), { body }),
    onSuccess: refresh,
  });
}

export function useEndSilence() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => call<SilenceView | undefined>("DELETE", projectPath("silences", id)),
    onSuccess: refresh,
  });
}
