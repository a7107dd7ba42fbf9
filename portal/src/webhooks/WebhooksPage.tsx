import { Anchor, Breadcrumbs, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useDeleteWebhook, useWebhooks } from "../api/webhooks";
import { useMay } from "../api/queries";
import { Confirm } from "../show/Confirm";
import { ProblemNote } from "../show/ProblemNote";
import { WebhookCard } from "./WebhookCard";
import { WebhookDialog } from "./WebhookDialog";

/** Who is sent what is found. */
export function WebhooksPage() {
  const webhooks = useWebhooks();
  const may = useMay("access-write");
  const remove = useDeleteWebhook();
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState("");
  const [asking, setAsking] = useState(false);
  const close = () => {
    setAsking(false);
    remove.reset();
  };
  return (
    <Stack gap="md">
      <title>Webhooks · vmext</title>
      <Breadcrumbs separatorMargin={6} style={{ fontSize: "0.875rem" }}>
        <Anchor component={Link} to="/findings" inherit>
          Findings
        </Anchor>
        <Text inherit c="dimmed" span>
          Webhooks
        </Text>
      </Breadcrumbs>
      <Group justify="space-between" align="start" gap="xs">
        <div style={{ flex: "1 1 300px" }}>
          <Title order={1}>Webhooks</Title>
          <Text c="dimmed" size="sm" mt={4} maw={680}>
            Each finding that opens, gets worse or is over is sent as a signed CloudEvent, and sent again until the
            receiver takes it.
          </Text>
        </div>
        {may && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
            New webhook
          </Button>
        )}
      </Group>
      {webhooks.isError && <ProblemNote error={webhooks.error} onRetry={() => void webhooks.refetch()} />}
      {webhooks.isPending && <Skeleton height={120} radius={12} />}
      {webhooks.data?.length === 0 && (
        <div className="panel" style={{ padding: 24 }}>
          <Text fw={600}>Nobody is sent anything yet</Text>
          <Text c="dimmed" size="sm" mt={2}>
            A receiver is any program that takes a POST: a chat, a pager, a ticket system, a script of your own.
          </Text>
        </div>
      )}
      {webhooks.data?.map((webhook) => (
        <WebhookCard
          key={webhook.name}
          webhook={webhook}
          onDelete={() => {
            setRemoving(webhook.name);
            setAsking(true);
          }}
        />
      ))}
      {making && <WebhookDialog taken={webhooks.data?.map((one) => one.name) ?? []} onClose={() => setMaking(false)} />}
      <Confirm
        opened={asking}
        title={`Delete ${removing}?`}
        verb="Delete"
        danger
        busy={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => remove.mutate(removing, { onSuccess: close })}
      >
        <Text size="sm">Nothing more is sent to it; what still waits for it is dropped.</Text>
      </Confirm>
    </Stack>
  );
}
