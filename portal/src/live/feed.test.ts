import { expect, test } from "vitest";
import type { ChangeEvent } from "../api/types";
import { delayBefore, type FeedPorts, type FeedState, followChanges, readChange } from "./feed";

function change(id: number): ChangeEvent {
  return { id, kind: "machine", project: "default", machine: "demo", name: "", gone: false };
}

function stream(...events: ChangeEvent[]): Response {
  return new Response(
    events.map((event) => `id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`).join(""),
  );
}

/** A server that gives these answers, one per connection, and then is left alone. */
function world(answers: (() => Response)[]) {
  const stop = new AbortController();
  const seen = {
    asked: [] as string[],
    states: [] as FeedState[],
    events: [] as number[],
    opened: 0,
    signedOut: 0,
    waits: 0,
  };
  const ports: FeedPorts = {
    open: async (lastEventId) => {
      seen.asked.push(lastEventId);
      const answer = answers.shift();
      if (!answer) {
        stop.abort();
        throw new Error("no more answers");
      }
      return answer();
    },
    wait: async () => {
      seen.waits++;
    },
    random: () => 0.5,
    onState: (state) => seen.states.push(state),
    onOpen: () => seen.opened++,
    onEvent: (event) => seen.events.push(event.id),
    onSignedOut: () => seen.signedOut++,
  };
  return { seen, run: () => followChanges(ports, stop.signal) };
}

test("resumes after the last event it saw", async () => {
  const { seen, run } = world([() => stream(change(1), change(2)), () => stream(change(3))]);
  await run();
  expect(seen.asked).toEqual(["", "2", "3"]);
  expect(seen.events).toEqual([1, 2, 3]);
});

test("says when it is live and when not", async () => {
  const { seen, run } = world([() => stream(change(1)), () => stream()]);
  await run();
  expect(seen.states).toEqual(["connecting", "live", "reconnecting", "live", "reconnecting"]);
  expect(seen.opened).toBe(2);
});

test("tries again after an error and after a refused connection", async () => {
  const { seen, run } = world([
    () => new Response("busy", { status: 503 }),
    () => {
      throw new TypeError("network");
    },
    () => stream(change(7)),
  ]);
  await run();
  expect(seen.events).toEqual([7]);
  expect(seen.waits).toBe(3);
});

test("stops when the session has ended", async () => {
  const { seen, run } = world([() => new Response("", { status: 401 }), () => stream(change(1))]);
  await run();
  expect(seen.signedOut).toBe(1);
  expect(seen.asked).toHaveLength(1);
});

test("waits longer each time, up to a cap, never at once", () => {
  expect(delayBefore(0, 0)).toBe(250);
  expect(delayBefore(0, 1)).toBe(750);
  expect(delayBefore(3, 1)).toBeGreaterThan(delayBefore(2, 1));
  expect(delayBefore(100, 1)).toBe(15_250);
});

test("leaves alone what is not a change", () => {
  expect(readChange("half {")).toBeNull();
  expect(readChange("[]")).toBeNull();
  expect(readChange(JSON.stringify(change(4)))).toMatchObject({ id: 4, kind: "machine" });
});
