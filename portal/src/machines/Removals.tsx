import { Stack, Text, Title } from "@mantine/core";
import { useRemovals } from "../api/queries";
import type { RemovedView } from "../api/types";
import { Removal } from "../installations/Removal";
import { ProblemNote } from "../show/ProblemNote";
import { Ago } from "../show/Time";

const SHOWN = 5;

/** What the machine had, newest first, with what each uninstall took away and left. */
export function Removals({ machine }: { machine: string }) {
  const removals = useRemovals(machine);
  if (removals.isError && !removals.data) {
    return <ProblemNote error={removals.error} onRetry={() => void removals.refetch()} />;
  }
  return <RemovalList removals={removals.data ?? []} machine={machine} />;
}

export function RemovalList({ removals, machine }: { removals: RemovedView[]; machine: string }) {
  if (removals.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="removals" style={{ marginTop: 24 }}>
      <Title order={2} size="h3" mb="sm" id="removals">
        Removed
      </Title>
      <Stack gap="sm">
        {removals.slice(0, SHOWN).map((removed) => (
          <div
            key={`${removed.name} ${removed.at}`}
            className="panel"
            style={{ padding: "12px 18px" }}
            data-removed={removed.name}
          >
            <Text fw={600}>{removed.name}</Text>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {[removed.extension, removed.version].filter(Boolean).join(" ")} · {how(removed.how)}{" "}
              <Ago time={removed.at} />
            </Text>
            {removed.report ? (
              <Removal report={removed.report} />
            ) : (
              <Text size="sm" mt={6}>
                {removed.how === "forgotten"
                  ? "Only the record was dropped; the machine was not asked."
                  : "Its agent made no report."}
              </Text>
            )}
          </div>
        ))}
        {removals.length > SHOWN && (
          <Text size="sm" c="dimmed">
            {removals.length - SHOWN} older: <span className="mono">vmext machine removals {machine}</span>
          </Text>
        )}
      </Stack>
    </section>
  );
}

function how(word: string): string {
  return word === "forgotten" ? "record forgotten" : word;
}
