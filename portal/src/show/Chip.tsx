import { Tooltip } from "@mantine/core";
import type { Shown, Tone } from "./states";

/** A state as word and colour; the colour never stands alone. */
export function Chip({ shown }: { shown: Shown }) {
  return (
    <Tooltip label={shown.meaning} multiline maw={280} withArrow events={{ hover: true, focus: true, touch: true }}>
      <span className={`chip tone-${shown.tone}`}>
        <span className={shown.tone === "busy" ? "dot pulse" : "dot"} aria-hidden="true" />
        {shown.label}
      </span>
    </Tooltip>
  );
}

/** The same without an explanation, for words that need none. */
export function Mark({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`chip tone-${tone}`}>
      <span className="dot" aria-hidden="true" />
      {children}
    </span>
  );
}
