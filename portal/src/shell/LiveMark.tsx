import { Tooltip } from "@mantine/core";
import { useFeedState } from "../live/feedState";

const SHOWN = {
  connecting: { tone: "wait", label: "Connecting", meaning: "Waiting for the stream of changes." },
  live: { tone: "ok", label: "Live", meaning: "Changes show up here as they happen." },
  reconnecting: {
    tone: "warn",
    label: "Reconnecting",
    meaning: "The stream of changes broke off. The page asks every few seconds until it is back.",
  },
} as const;

export function LiveMark() {
  const { tone, label, meaning } = SHOWN[useFeedState()];
  return (
    <Tooltip label={meaning} multiline maw={260} withArrow>
      <span className={`chip tone-${tone}`} role="status" data-testid="live">
        <span className={tone === "ok" ? "dot" : "dot pulse"} aria-hidden="true" />
        {label}
      </span>
    </Tooltip>
  );
}
