import { Text } from "@mantine/core";
import type { InstallationView } from "../api/types";
import { Note } from "../show/Note";
import { Ago, For } from "../show/Time";
import { Cause } from "./Cause";

/** That it should have ended by now, and why it has not as far as that is known; and when it is given up. */
export function Overdue({ installation }: { installation: InstallationView }) {
  const { overdue, expiresAt, state } = installation;
  return (
    <>
      {overdue && (
        <Note tone="warn" title="Overdue" alert>
          <Text size="sm" mt={2} mb={8}>
            It should have ended by now: overdue for <For since={overdue.since} />, by the control plane's clock. The
            state shown may be old.
          </Text>
          <Cause cause={overdue.cause} state={state} />
        </Note>
      )}
      {expiresAt && state === "waiting-machine" && (
        <Text size="sm" c="dimmed">
          Given up at <time dateTime={expiresAt}>{new Date(expiresAt).toLocaleString()}</time> when the machine has not
          taken it by then; ordered <Ago time={installation.changedAt} />.
        </Text>
      )}
    </>
  );
}
