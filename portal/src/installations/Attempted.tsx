import { Stack, Text } from "@mantine/core";
import type { InstallationView } from "../api/types";
import { duration } from "../show/format";
import { Ago, useNow } from "../show/Time";
import { Cause } from "./Cause";

/** What runs, which version was tried instead and did not stay, why, and until when it is held back. */
export function Attempted({ installation }: { installation: InstallationView }) {
  const { attempted, runningVersion } = installation;
  if (!attempted) {
    return null;
  }
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
      <Cause cause={attempted.cause} state="returned" title={`Why ${attempted.version} did not stay`} />
    </Stack>
  );
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
