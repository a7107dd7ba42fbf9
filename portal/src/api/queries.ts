import { QueryCache, QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useFeedState } from "../live/feedState";
import { ApiProblem, call } from "./client";
import type {
  CommandCreate,
  CommandView,
  ExtensionView,
  InstallationView,
  InstallationWrite,
  Items,
  LogText,
  MachineView,
  OrderKind,
  RemovedView,
  ServerStatus,
  Session,
} from "./types";

export const PROJECT = "default";

const segment = encodeURIComponent;

/** The address of something of the project. */
export function projectPath(...segments: string[]): string {
  return ["/v1/projects", PROJECT, ...segments.map(segment)].join("/");
}

export function machinePath(machine: string): string {
  return projectPath("machines", machine);
}

/** First words name the thing, so that one change can make all its answers stale. */
export const keys = {
  session: ["session"] as const,
  status: ["status"] as const,
  machines: ["machines"] as const,
  machine: (machine: string) => ["machine", machine] as const,
  installations: (machine: string) => ["installations", machine] as const,
  snapshots: (machine: string) => ["snapshots", machine] as const,
  removals: (machine: string) => ["removals", machine] as const,
  commands: (machine: string) => ["commands", machine] as const,
  log: (machine: string, source: string) => ["log", machine, source] as const,
  extensions: ["extensions"] as const,
  findings: ["findings"] as const,
  webhooks: ["webhooks"] as const,
  metrics: (machine: string) => ["metrics", machine] as const,
  repositories: ["repositories"] as const,
  updates: ["updates"] as const,
  alerts: ["alerts"] as const,
  alertRules: ["alert-rules"] as const,
  silences: ["silences"] as const,
  availability: (machine: string) => ["availability", machine] as const,
};

export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiProblem && error.problem.status === 401) {
          client.setQueryData(keys.session, null);
        }
      },
    }),
    defaultOptions: {
      queries: {
        retry: (count, error) => count < 2 && error instanceof ApiProblem && error.problem.retry,
        staleTime: 2_000,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
  return client;
}

/** How often to ask although nothing was announced: rarely while events come, often while they do not. */
export function useInterval(): number {
  return useFeedState() === "live" ? 20_000 : 4_000;
}

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return await call<Session>("GET", "/v1/session", { signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.problem.status === 401) {
          return null;
        }
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}

export function useMay(permission: string): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}

export function useServerStatus() {
  return useQuery({
    queryKey: keys.status,
    queryFn: ({ signal }) => call<ServerStatus>("GET", "/v1/status", { signal }),
    refetchInterval: 60_000,
  });
}

export function useMachines() {
  return useQuery({
    queryKey: keys.machines,
    queryFn: async ({ signal }) =>
      (await call<Items<MachineView>>("GET", `/v1/projects/${PROJECT}/machines`, { signal })).items,
    refetchInterval: useInterval(),
  });
}

export function useMachine(machine: string) {
  return useQuery({
    queryKey: keys.machine(machine),
    queryFn: ({ signal }) => call<MachineView>("GET", machinePath(machine), { signal }),
    refetchInterval: useInterval(),
  });
}

export function useInstallations(machine: string) {
  return useQuery({
    queryKey: keys.installations(machine),
    queryFn: async ({ signal }) =>
      (await call<Items<InstallationView>>("GET", `${machinePath(machine)}/installations`, { signal })).items,
    refetchInterval: useInterval(),
  });
}

/** What the machine had, newest first. */
export function useRemovals(machine: string) {
  return useQuery({
    queryKey: keys.removals(machine),
    queryFn: async ({ signal }) =>
      (await call<Items<RemovedView>>("GET", `${machinePath(machine)}/removals`, { signal })).items,
    refetchInterval: useInterval(),
  });
}

export type LogSource = "console" | "agent";

export function useLog(machine: string, source: LogSource, enabled: boolean) {
  return useQuery({
    queryKey: keys.log(machine, source),
    queryFn: ({ signal }) =>
      call<LogText>("GET", `${machinePath(machine)}/logs?source=${source}&tail=65536`, { signal }),
    refetchInterval: 3_000,
    enabled,
  });
}

export interface CatalogFilter {
  provider?: string | undefined;
  platform?: string | undefined;
}

export function useExtensions(filter: CatalogFilter = {}, enabled = true) {
  const query = new URLSearchParams();
  if (filter.provider) {
    query.set("provider", filter.provider);
  }
  if (filter.platform) {
    query.set("platform", filter.platform);
  }
  const text = query.toString();
  return useQuery({
    queryKey: [...keys.extensions, text],
    queryFn: async ({ signal }) =>
      (await call<Items<ExtensionView>>("GET", `/v1/extensions${text ? `?${text}` : ""}`, { signal })).items,
    enabled,
  });
}

/** Makes stale what a changed installation or machine shows in. */
export function useRefresh() {
  const client = useQueryClient();
  return (machine: string) =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.machines }),
      client.invalidateQueries({ queryKey: keys.machine(machine) }),
      client.invalidateQueries({ queryKey: keys.installations(machine) }),
      client.invalidateQueries({ queryKey: keys.removals(machine) }),
    ]);
}

export interface PutInstallation {
  machine: string;
  name: string;
  body: InstallationWrite;
  mustBeNew: boolean;
}

export function usePutInstallation() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (put: PutInstallation) =>
      call<InstallationView>("PUT", `${machinePath(put.machine)}/installations/${segment(put.name)}`, {
        body: put.body,
        headers: put.mustBeNew ? { "If-None-Match": "*" } : {},
      }),
    onSuccess: (_, put) => refresh(put.machine),
  });
}

export function useDeleteInstallation() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (gone: { machine: string; name: string }) =>
      call<InstallationView | undefined>("DELETE", `${machinePath(gone.machine)}/installations/${segment(gone.name)}`),
    onSuccess: (_, gone) => refresh(gone.machine),
  });
}

export interface GiveOrder {
  machine: string;
  name: string;
  kind: OrderKind;
}

export function useOrder() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ machine, name, kind }: GiveOrder) =>
      call<InstallationView>("POST", `${machinePath(machine)}/installations/${segment(name)}/${kind}`),
    onSuccess: (_, { machine }) => refresh(machine),
  });
}

/** Run-once commands of the machine, newest first. */
export function useCommands(machine: string) {
  return useQuery({
    queryKey: keys.commands(machine),
    queryFn: async ({ signal }) =>
      (await call<Items<CommandView>>("GET", `${machinePath(machine)}/commands`, { signal })).items,
    refetchInterval: useInterval(),
  });
}

export function useRunCommand() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ machine, body }: { machine: string; body: CommandCreate }) =>
      call<CommandView>("POST", `${machinePath(machine)}/commands`, { body }),
    onSuccess: (_, { machine }) => client.invalidateQueries({ queryKey: keys.commands(machine) }),
  });
}

export function useCancelCommand() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ machine, id }: { machine: string; id: string }) =>
      call<CommandView>("POST", `${machinePath(machine)}/commands/${segment(id)}/cancel`),
    onSuccess: (_, { machine }) => client.invalidateQueries({ queryKey: keys.commands(machine) }),
  });
}

export type MachineAction = "start" | "stop" | "delete";

export function useMachineAction() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ machine, action }: { machine: string; action: MachineAction }) =>
      action === "delete"
        ? call<unknown>("DELETE", machinePath(machine))
        : call<unknown>("POST", `${machinePath(machine)}/${action}`),
    onSuccess: (_, { machine }) => refresh(machine),
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => call<Session>("POST", "/v1/session", { body: { code } }),
    onSuccess: (session) => client.setQueryData(keys.session, session),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<void>("DELETE", "/v1/session"),
    onSuccess: () => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
      client.setQueryData(keys.session, null);
    },
  });
}
