import { Stack, Text } from "@mantine/core";
import type { CauseView, InstallationView } from "../api/types";
import { duration } from "../show/format";
import { Ago, useNow } from "../show/Time";
import { Cause } from "./Cause";

/** What runs, which version was tried instead and did not stay, why, and until when it is held back. */
export function Attempted({ installation }: { installation: InstallationView }) {
  const { attempted, cause, runningVersion } = installation;
  if (!attempted) {
    return null;
  }
  // A failure that is still the state's own cause is told by the card already.
  const told = cause !== null && sameCause(cause, attempted.cause);
  return (
    <Stack gap="xs">
      <dl className="facts">
        <dt>Runs</dt>
        <dd>{runningVersion ?? "nothing"}</dd>
        <dt>Attempted</dt>
        <dd>
          {attempted.version}, given up <Ago time={attempted.at} />
        </dd>
        {attempted.heldUntil && (
          <>
            <dt>Held until</dt>
            <dd>
              <Held until={attempted.heldUntil} />
            </dd>
          </>
        )}
      </dl>
      {!told && <Cause cause={attempted.cause} state="returned" title={`Why ${attempted.version} did not stay`} />}
    </Stack>
  );
}

function sameCause(one: CauseView, other: CauseView): boolean {
  return one.kind === other.kind && one.step === other.step && one.message === other.message;
}

function Held({ until }: { until: string }) {
  const left = (Date.parse(until) - useNow()) / 1000;
  return (
    <>
      <time dateTime={until}>{new Date(until).toLocaleString()}</time>
      <Text size="sm" c="dimmed" span>
        {left > 0
          ? `, for another ${duration(left)}: it is not tried again by itself before, unless it is released.`
          : ", which has passed: it may be tried again."}
      </Text>
    </>
  );
}
