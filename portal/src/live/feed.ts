import type { ChangeEvent } from "../api/types";
import { SseReader } from "./sse";

export type FeedState = "connecting" | "live" | "reconnecting";

/** What the feed needs from the world, so that a test can be the world. */
export interface FeedPorts {
  open: (lastEventId: string, signal: AbortSignal) => Promise<Response>;
  /** Resolves after so many milliseconds, or at once when there is a reason to try earlier. */
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  random: () => number;
  onState: (state: FeedState) => void;
  /** The stream is open (again): anything may have changed before. */
  onOpen: () => void;
  onEvent: (event: ChangeEvent) => void;
  onSignedOut: () => void;
}

/** The server says something at least every 15 s; three silences are a dead connection. */
export const SILENCE = 45_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

/** Full jitter, also at the cap, so that many open pages do not come back in one moment. */
export function delayBefore(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(attempt, 10));
  return Math.round(FIRST_DELAY / 2 + random * ceiling);
}

export function readChange(data: string): ChangeEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === "object" && value !== null && "kind" in value) {
      return value as ChangeEvent;
    }
  } catch {
    // Not ours; the polling still brings what it announced.
  }
  return null;
}

/** Follows the change stream until the signal ends it. Never throws. */
export async function followChanges(ports: FeedPorts, signal: AbortSignal): Promise<void> {
  let lastEventId = "";
  let attempt = 0;
  ports.onState("connecting");
  while (!signal.aborted) {
    try {
      const response = await ports.open(lastEventId, signal);
      if (response.status === 401) {
        await response.body?.cancel();
        ports.onSignedOut();
        return;
      }
      if (response.ok && response.body) {
        attempt = 0;
        ports.onState("live");
        ports.onOpen();
        lastEventId = await read(response.body, lastEventId, ports);
      }
    } catch {
      // Gone away or silent: the loop comes again.
    }
    if (signal.aborted) {
      return;
    }
    ports.onState("reconnecting");
    await ports.wait(delayBefore(attempt++, ports.random()), signal);
  }
}

async function read(body: ReadableStream<Uint8Array>, lastEventId: string, ports: FeedPorts): Promise<string> {
  const stream = body.getReader();
  const decoder = new TextDecoder();
  const sse = new SseReader();
  let last = lastEventId;
  try {
    for (;;) {
      const { done, value } = await beforeSilence(stream.read());
      if (done) {
        return last;
      }
      for (const message of sse.feed(decoder.decode(value, { stream: true }))) {
        last = message.id || last;
        const change = readChange(message.data);
        if (change) {
          ports.onEvent(change);
        }
      }
    }
  } catch {
    await stream.cancel().catch(() => undefined);
    return last;
  }
}

function beforeSilence<T>(next: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("silent")), SILENCE);
    next.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
