import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { useAlerts } from "../api/alerts";
import { useMay } from "../api/queries";
import type { AlertView } from "../api/watchTypes";
import { SEVERITIES, severity } from "../findings/findingWords";
import { Chip, Mark } from "../show/Chip";
import { ProblemNote } from "../show/ProblemNote";
import { For } from "../show/Time";
import { SilenceDialog } from "./SilenceDialog";

/** The worst first, then those that are not silenced, then the oldest. */
export function inOrder(alerts: AlertView[]): AlertView[] {
  const rank = (one: AlertView) => SEVERITIES.indexOf(one.severity as (typeof SEVERITIES)[number]);
  return alerts.toSorted(
    (a, b) =>
      Number(a.silenced) - Number(b.silenced) || rank(b) - rank(a) || Date.parse(begin(a)) - Date.parse(begin(b)),
  );
}

function begin(alert: AlertView): string {
  return alert.firedAt ?? alert.since;
}

export function AlertList({ alerts }: { alerts: ReturnType<typeof useAlerts> }) {
  const may = useMay("alert-write");
  const [silencing, setSilencing] = useState<AlertView | null>(null);
  const firing = inOrder(alerts.data?.filter((one) => one.state === "firing") ?? []);
  const pending = inOrder(alerts.data?.filter((one) => one.state === "pending") ?? []);
  return (
    <Stack gap="sm">
      {alerts.isError && <ProblemNote error={alerts.error} onRetry={() => void alerts.refetch()} />}
      {alerts.isPending && <Skeleton height={140} radius={12} />}
      {alerts.data && firing.length === 0 && (
        <div className="panel" style={{ padding: 24 }}>
          <Text fw={600}>No alert is firing</Text>
          <Text c="dimmed" size="sm" mt={2}>
            The rules look at what the machines measure and at whether they are connected.
          </Text>
        </div>
      )}
      {firing.map((alert) => (
        <Alert key={keyOf(alert)} alert={alert} onSilence={may ? () => setSilencing(alert) : undefined} />
      ))}
      {pending.length > 0 && (
        <section aria-labelledby="pending" style={{ marginTop: 12 }}>
          <Title order={2} size="h4" id="pending">
            True, but not for long enough yet
          </Title>
          <Stack gap="xs" mt="sm">
            {pending.map((alert) => (
              <Alert key={keyOf(alert)} alert={alert} onSilence={undefined} />
            ))}
          </Stack>
        </section>
      )}
      {silencing && (
        <SilenceDialog
          matchers={[`rule=${silencing.rule}`, ...(silencing.machine ? [`machine=${silencing.machine}`] : [])]}
          onClose={() => setSilencing(null)}
        />
      )}
    </Stack>
  );
}

function keyOf(alert: AlertView): string {
  return JSON.stringify([alert.rule, alert.machine, Object.entries(alert.labels).sort()]);
}

/** One alert: how bad, what, where, since when, what to do. */
export function Alert({ alert, onSilence }: { alert: AlertView; onSilence: (() => void) | undefined }) {
  const labels = Object.entries(alert.labels).filter(([name]) => name !== "machine");
  return (
    <article className="panel" style={{ padding: "12px 16px" }} data-alert={alert.rule}>
      <Group justify="space-between" align="start" gap="xs">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Group gap="4px 8px">
            <Chip shown={severity(alert.severity)} />
            {alert.silenced && <Mark tone="off">Silenced</Mark>}
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {alert.machine && (
                <>
                  <Anchor component={Link} to={`/machines/${encodeURIComponent(alert.machine)}`} inherit>
                    {alert.machine}
                  </Anchor>
                  {" · "}
                </>
              )}
              {alert.rule} · for <For since={begin(alert)} />
            </Text>
          </Group>
          <Text fw={600} mt={6} style={{ overflowWrap: "anywhere" }}>
            {alert.summary}
          </Text>
          {alert.hint && (
            <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
              <b>What to do: </b>
              {alert.hint}
            </Text>
          )}
          {labels.length > 0 && (
            <Text size="xs" c="dimmed" mt={4} className="mono" style={{ overflowWrap: "anywhere" }}>
              {labels.map(([name, value]) => `${name}=${value}`).join("  ")}
            </Text>
          )}
        </div>
        {onSilence && !alert.silenced && (
          <Button
            size="xs"
            variant="default"
            style={{ flex: "none" }}
            onClick={onSilence}
            aria-label={`Silence ${alert.summary}`}
          >
            Silence…
          </Button>
        )}
      </Group>
    </article>
  );
}
