import { describe, expect, it } from "vitest";
import type { Problem } from "../api/types";
import { followStream, type StreamPorts } from "./stream";

function world(answers: (() => Response)[]) {
  const stop = new AbortController();
  const seen: string[] = [];
  const live: boolean[] = [];
  const refused: Problem[] = [];
  const ports: StreamPorts = {
    open: () => {
      const next = answers.shift();
      if (!next) {
        stop.abort();
        return Promise.reject(new Error("nobody"));
      }
      return Promise.resolve(next());
    },
    wait: () => Promise.resolve(),
    random: () => 0,
    onLive: (now) => live.push(now),
    onMessage: (message) => {
      seen.push(`${message.event} ${message.data}`);
      return message.data === "last";
    },
    onRefused: (problem) => refused.push(problem),
  };
  return { run: () => followStream(ports, stop.signal), seen, live, refused };
}

const stream = (text: string) => () => new Response(text, { status: 200 });

describe("followStream", () => {
  it("ends with the last message", async () => {
    const { run, seen } = world([stream("event: log\ndata: one\n\nevent: log\ndata: last\n\n")]);
    await run();
    expect(seen).toEqual(["log one", "log last"]);
  });

  it("comes again when the connection breaks, and says so", async () => {
    const { run, seen, live } = world([stream("data: one\n\n"), stream("data: last\n\n")]);
    await run();
    expect(seen).toEqual(["message one", "message last"]);
    expect(live).toEqual([true, false, true]);
  });

  it("comes again when the control plane is just starting", async () => {
    const { run, seen } = world([() => new Response("", { status: 503 }), stream("data: last\n\n")]);
    await run();
    expect(seen).toEqual(["message last"]);
  });

  it("does not come again when it is refused", async () => {
    const body = JSON.stringify({ code: "access-denied", detail: "cannot answer", hint: "ask" });
    const { run, refused, seen } = world([() => new Response(body, { status: 403 }), stream("data: last\n\n")]);
    await run();
    expect(refused.map((one) => one.code)).toEqual(["access-denied"]);
    expect(seen).toEqual([]);
  });
});
