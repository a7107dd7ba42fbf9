import { Button, Text } from "@mantine/core";
import { problemOf } from "../api/client";
import type { Problem } from "../api/types";
import { Note } from "./Note";

interface ProblemNoteProps {
  error?: unknown;
  problem?: Problem;
  onRetry?: () => void;
}

/** A problem as the API tells it: what, why, what to do, and the code to look it up by. */
export function ProblemNote({ error, problem, onRetry }: ProblemNoteProps) {
  const told = problem ?? problemOf(error);
  return (
    <Note tone="bad" title={told.title} alert>
      <Text size="sm" mt={2} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {told.detail}
      </Text>
      {told.hint && (
        <Text size="sm" mt={6}>
          <b>What to do: </b>
          {told.hint}
        </Text>
      )}
      <Text size="xs" mt={6} c="dimmed">
        Problem code <span className="mono">{told.code}</span>
        {told.retry && " · may work later without a change"}
      </Text>
      {onRetry && (
        <Button size="xs" variant="default" mt="sm" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Note>
  );
}
