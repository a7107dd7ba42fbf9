import type { QueryKey } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { ChangeEvent } from "../api/types";
import { Refresher, staleAfter } from "./stale";

function change(kind: string, project = "default"): ChangeEvent {
  return { id: 1, kind, project, machine: "demo", name: "motd", gone: false };
}

test("an installation's change makes its machine's answers stale, which count and remember it", () => {
  expect(staleAfter(change("installation"))).toEqual([
    ["machines"],
    ["machine", "demo"],
    ["installations", "demo"],
    ["removals", "demo"],
  ]);
});

test("what is unmanaged changes with its machine, and so does what is remembered of it", () => {
  expect(staleAfter(change("machine"))).toContainEqual(["removals", "demo"]);
});

test("an extension's change makes the catalog stale in every project", () => {
  expect(staleAfter(change("extension", ""))).toEqual([["extensions"]]);
});

test("what is found, told and silenced changes the pages that show it", () => {
  expect(staleAfter(change("finding"))).toEqual([["findings"], ["alerts"]]);
  expect(staleAfter(change("alert-rule"))).toEqual([["alert-rules"], ["alerts"]]);
  expect(staleAfter(change("repository"))).toEqual([["repositories"]]);
  expect(staleAfter(change("silence"))).toEqual([["silences"], ["alerts"]]);
  expect(staleAfter(change("webhook"))).toEqual([["webhooks"]]);
  expect(staleAfter(change("finding", "other"))).toEqual([]);
});

test("other projects and kinds of a newer server are left alone", () => {
  expect(staleAfter(change("machine", "other"))).toEqual([]);
  expect(staleAfter(change("rollout"))).toEqual([]);
});

test("changes during a refresh come together in the next one, and never cut it off", async () => {
  const batches: QueryKey[][] = [];
  const gates: (() => void)[] = [];
  const refresher = new Refresher(
    (stale) => {
      batches.push(stale);
      return new Promise<void>((resolve) => gates.push(resolve));
    },
    () => Promise.resolve(),
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  refresher.add([["machines"], ["machines"]]);
  await settle();
  refresher.add([["machine", "demo"]]);
  refresher.add([["machine", "demo"], ["machines"]]);
  await settle();
  expect(batches).toEqual([[["machines"]]]);
  gates.shift()?.();
  await settle();
  expect(batches).toEqual([[["machines"]], [["machine", "demo"], ["machines"]]]);
});
