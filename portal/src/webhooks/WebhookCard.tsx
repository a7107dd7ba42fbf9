import { Button, Group, Text, Title } from "@mantine/core";
import { useTestWebhook } from "../api/webhooks";
import type { WebhookView } from "../api/watchTypes";
import { severity } from "../findings/findingWords";
import { Mark } from "../show/Chip";
import { count } from "../show/format";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";

interface WebhookCardProps {
  webhook: WebhookView;
  onDelete: () => void;
}

/** One receiver: what it is sent and how it takes it. */
export function WebhookCard({ webhook, onDelete }: WebhookCardProps) {
  const test = useTestWebhook();
  const failing = webhook.failingSince !== null;
  return (
    <article className="panel" style={{ padding: "14px 18px" }} data-webhook={webhook.name}>
      <Group justify="space-between" align="start" gap="xs">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Group gap="4px 10px">
            <Title order={2} size="h4">
              {webhook.name}
            </Title>
            {failing ? (
              <Mark tone="bad">Failing</Mark>
            ) : webhook.lastDelivered ? (
              <Mark tone="ok">Delivering</Mark>
            ) : (
              <Mark tone="wait">Nothing sent yet</Mark>
            )}
          </Group>
          <Text size="sm" className="mono" mt={4} style={{ overflowWrap: "anywhere" }}>
            {webhook.url}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            loading={test.isPending}
            onClick={() => test.mutate(webhook.name)}
            aria-label={`Send a test to ${webhook.name}`}
          >
            Send a test
          </Button>
          <Button size="xs" variant="default" onClick={onDelete} aria-label={`Delete ${webhook.name}`}>
            Delete…
          </Button>
        </Group>
      </Group>
      <dl className="facts" style={{ marginTop: 10 }}>
        <dt>Sends</dt>
        <dd>{sends(webhook)}</dd>
        <dt>Last taken</dt>
        <dd>{webhook.lastDelivered ? <Ago time={webhook.lastDelivered} /> : "never"}</dd>
        {(webhook.waiting > 0 || webhook.lost > 0) && (
          <>
            <dt>Not taken</dt>
            <dd>
              {[
                webhook.waiting > 0 && `${count(webhook.waiting, "message")} waiting`,
                webhook.lost > 0 && `${webhook.lost} given up`,
              ]
                .filter(Boolean)
                .join(", ")}
            </dd>
          </>
        )}
        <dt>Made</dt>
        <dd>
          <Ago time={webhook.createdAt} /> by {webhook.createdBy}
        </dd>
      </dl>
      {failing && (
        <div style={{ marginTop: 10 }}>
          <Note tone="bad" title="The receiver does not take messages">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {webhook.lastError} (since <Ago time={webhook.failingSince ?? ""} />)
              {webhook.retryAt && ` · next try ${new Date(webhook.retryAt).toLocaleTimeString()}`}
            </Text>
          </Note>
        </div>
      )}
      <div role="status" style={{ marginTop: test.isSuccess ? 10 : 0 }}>
        {test.isSuccess && <Note tone="ok" title={`The receiver took the test with HTTP ${test.data.status}`} />}
      </div>
      {test.isError && (
        <div style={{ marginTop: 10 }}>
          <ProblemNote error={test.error} />
        </div>
      )}
    </article>
  );
}

/** What the filters let through, in words. */
export function sends(webhook: WebhookView): string {
  const events =
    webhook.events.length === 0
      ? "all events"
      : webhook.events.map((event) => event.replace(/^finding\./, "")).join(", ");
  const types = webhook.types.length === 0 ? "findings" : `findings of type ${webhook.types.join(", ")}`;
  const least =
    !webhook.severity || webhook.severity === "info"
      ? ""
      : `, ${severity(webhook.severity).label.toLowerCase()} or worse`;
  return `${types}${least}: ${events}`;
}
