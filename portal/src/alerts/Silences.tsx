import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useEndSilence, useSilences } from "../api/alerts";
import { useMay } from "../api/queries";
import type { SilenceView } from "../api/watchTypes";
import { Chip } from "../show/Chip";
import { Confirm } from "../show/Confirm";
import { count } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import type { Shown } from "../show/states";
import { Ago } from "../show/Time";
import { SilenceDialog } from "./SilenceDialog";

const STATES: Record<string, Shown> = {
  waiting: { label: "Waiting", tone: "wait", meaning: "It begins later." },
  active: { label: "Active", tone: "busy", meaning: "Nobody is told of alerts that it covers." },
  over: { label: "Over", tone: "off", meaning: "It covers nothing any more." },
};
const ORDER = ["active", "waiting", "over"];

/** Of what nobody is told, until when and why. */
export function Silences() {
  const silences = useSilences();
  const may = useMay("alert-write");
  const end = useEndSilence();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<SilenceView | null>(null);
  const close = () => {
    setEnding(null);
    end.reset();
  };
  const list = (silences.data ?? []).toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" maw={640} style={{ flex: "1 1 300px" }}>
          Nobody is told of alerts that a silence covers. They are still looked at, and shown here.
        </Text>
        {may && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
            New silence
          </Button>
        )}
      </Group>
      {silences.isError && <ProblemNote error={silences.error} onRetry={() => void silences.refetch()} />}
      {silences.isPending && <Skeleton height={100} radius={12} />}
      {silences.data?.length === 0 && (
        <div className="panel" style={{ padding: 24 }}>
          <Text fw={600}>Nothing is silenced</Text>
        </div>
      )}
      {list.map((silence) => (
        <Line
          key={silence.id}
          silence={silence}
          onEnd={may && silence.state !== "over" ? () => setEnding(silence) : undefined}
        />
      ))}
      {making && <SilenceDialog matchers={[]} onClose={() => setMaking(false)} />}
      <Confirm
        opened={ending !== null}
        title="End the silence?"
        verb="End it"
        keep="Go back"
        busy={end.isPending}
        error={end.error}
        onClose={close}
        onConfirm={() => ending && end.mutate(ending.id, { onSuccess: close })}
      >
        <Text size="sm">Alerts that it covers are told of from now on.</Text>
      </Confirm>
    </Stack>
  );
}

export function Line({ silence, onEnd }: { silence: SilenceView; onEnd: (() => void) | undefined }) {
  return (
    <div className="panel" style={{ padding: "12px 16px" }} data-silence={silence.id}>
      <Group justify="space-between" align="start" gap="xs">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Group gap="4px 10px">
            <Chip shown={STATES[silence.state] ?? { label: silence.state, tone: "wait", meaning: "" }} />
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {silence.comment}
            </Text>
          </Group>
          <Text size="sm" className="mono" mt={6} style={{ overflowWrap: "anywhere" }}>
            {silence.matchers.join("  ")}
          </Text>
          <Text size="sm" c="dimmed" mt={4}>
            {silence.state === "waiting" && `from ${new Date(silence.from).toLocaleString()} `}
            until {new Date(silence.until).toLocaleString()} · by {silence.createdBy} <Ago time={silence.createdAt} />
            {silence.state === "active" && ` · covers ${count(silence.covers, "alert")} now`}
          </Text>
        </div>
        {onEnd && (
          <Button
            size="xs"
            variant="default"
            style={{ flex: "none" }}
            onClick={onEnd}
            aria-label={`End the silence ${silence.comment}`}
          >
            End…
          </Button>
        )}
      </Group>
    </div>
  );
}
