import { expect, test } from "vitest";
import type { SnapshotView } from "../api/snapshots";
import { buildingOn, snapshotWords } from "./Snapshots";

const SNAPSHOT: SnapshotView = {
  id: "s1",
  project: "default",
  machine: "demo",
  state: "ready",
  kind: "full",
  parent: null,
  chain: 0,
  whyFull: "it is the first of this machine",
  consistency: "application",
  note: null,
  at: "2026-11-30T12:00:00Z",
  diskBytes: 8 << 20,
  bytes: 1 << 20,
  digest: "sha256:0",
  verifiedAt: null,
  faults: [],
  problem: null,
  createdBy: "admin",
  createdAt: "2026-11-30T12:00:00Z",
  endedAt: null,
};

test("a full snapshot says why it is one", () => {
  expect(snapshotWords(SNAPSHOT)).toContain("full (it is the first of this machine) · application-consistent");
});

test("an increment says its place, and a machine that was off is told", () => {
  const words = snapshotWords({
    ...SNAPSHOT,
    kind: "increment",
    parent: "s0",
    chain: 2,
    whyFull: null,
    consistency: "off",
  });
  expect(words).toContain("increment 2 · machine was off");
});

test("only one that is ready has a size", () => {
  expect(snapshotWords({ ...SNAPSHOT, state: "taking" })).toBe("asked for by admin");
});

test("a broken one is never called verified", () => {
  const words = snapshotWords({ ...SNAPSHOT, verifiedAt: "2026-11-30T12:00:00Z", faults: ["gone"] });
  expect(words).toContain("broken");
  expect(words).not.toContain("verified");
});

test("all that builds on a snapshot is counted, also what builds on that", () => {
  const all = [
    SNAPSHOT,
    { ...SNAPSHOT, id: "s2", parent: "s1" },
    { ...SNAPSHOT, id: "s3", parent: "s2" },
    { ...SNAPSHOT, id: "other" },
  ];
  expect(buildingOn(all, "s1")).toBe(2);
  expect(buildingOn(all, "s3")).toBe(0);
});
