import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import { keys, projectPath, useInterval } from "./queries";
import type { Items } from "./types";
import type { WebhookCreate, WebhookTest, WebhookView } from "./watchTypes";

export function useWebhooks() {
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: async ({ signal }) => (await call<Items<WebhookView>>("GET", projectPath("webhooks"), { signal })).items,
    refetchInterval: useInterval(),
  });
}

function useRefresh() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.webhooks });
}

export function useCreateWebhook() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: WebhookCreate) => call<WebhookView>("POST", projectPath("webhooks"), { body }),
    onSuccess: refresh,
  });
}

export function useTestWebhook() {
  return useMutation({
    mutationFn: (name: string) => call<WebhookTest>("POST", `${projectPath("webhooks", name)}/test`),
  });
}

export function useDeleteWebhook() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) => call<void>("DELETE", projectPath("webhooks", name)),
    onSuccess: refresh,
  });
}
