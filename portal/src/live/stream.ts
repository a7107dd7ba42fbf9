import { readProblem } from "../api/client";
import type { Problem } from "../api/types";
import { delayBefore, SILENCE } from "./feed";
import { type SseMessage, SseReader } from "./sse";

/** What following needs from the world, so that a test can be the world. */
export interface StreamPorts {
  /** Opens it where it left off; asked anew after each break. */
  open: (signal: AbortSignal) => Promise<Response>;
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  random: () => number;
  /** Whether what comes is what is; false while the connection is made anew. */
  onLive: (live: boolean) => void;
  /** Answers whether that was the last message. */
  onMessage: (message: SseMessage) => boolean;
  /** The control plane refuses: nothing will come. */
  onRefused: (problem: Problem) => void;
}

/** Follows a stream of events until it is over, refused, or the signal ends it. A connection that breaks is made anew. Never throws. */
export async function followStream(ports: StreamPorts, signal: AbortSignal): Promise<void> {
  let attempt = 0;
  while (!signal.aborted) {
    try {
      const response = await ports.open(signal);
      if (!response.ok && response.status < 500) {
        ports.onRefused(readProblem(response.status, await response.text()));
        return;
      }
      if (response.ok && response.body) {
        attempt = 0;
        ports.onLive(true);
        if (await read(response.body, ports)) {
          return;
        }
      }
    } catch {
      // Gone away or silent: the loop comes again.
    }
    if (signal.aborted) {
      return;
    }
    ports.onLive(false);
    await ports.wait(delayBefore(attempt++, ports.random()), signal);
  }
}

async function read(body: ReadableStream<Uint8Array>, ports: StreamPorts): Promise<boolean> {
  const stream = body.getReader();
  const decoder = new TextDecoder();
  const sse = new SseReader();
  try {
    for (;;) {
      const { done, value } = await beforeSilence(stream.read());
      if (done) {
        return false;
      }
      for (const message of sse.feed(decoder.decode(value, { stream: true }))) {
        if (ports.onMessage(message)) {
          return true;
        }
      }
    }
  } finally {
    await stream.cancel().catch(() => undefined);
  }
}

function beforeSilence<T>(next: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("silent")), SILENCE);
    next.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The ports of a browser. */
export function browserPorts(path: () => string): Pick<StreamPorts, "open" | "wait" | "random"> {
  return {
    open: (signal) =>
      fetch(path(), {
        headers: { Accept: "text/event-stream" },
        credentials: "same-origin",
        cache: "no-store",
        signal,
      }),
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    random: Math.random,
  };
}
