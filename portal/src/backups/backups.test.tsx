import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import type { RepositoryView } from "../api/backupTypes";
import { draw, words } from "../show/render";
import {
  ageWords,
  backupShown,
  behindSince,
  fleetWords,
  needsLook,
  proofShown,
  proofWords,
  quotaUsed,
  replicaShown,
  replicaWords,
} from "./backupWords";
import { Repositories } from "./Repositories";

const NOW = Date.parse("2026-03-02T12:00:00Z");

function repository(status: Partial<RepositoryView["status"]>, policy: Partial<RepositoryView["policy"]> = {}) {
  return {
    project: "default",
    machine: "web1",
    machineId: "id",
    machineExists: true,
    installation: "backup",
    inUse: true,
    createdAt: "2026-01-01T00:00:00Z",
    policy: {
      overdueHours: 36,
      quotaMiB: 0,
      proofHours: 720,
      proofMaxAgeHours: 1080,
      replica: "",
      replicaLagHours: 24,
      ...policy,
    },
    replicaSecrets: [],
    status: {
      measuredAt: null,
      lastBackup: null,
      snapshots: 0,
      bytes: 0,
      grownBytes: 0,
      sizes: [],
      lastPrune: null,
      lastCheck: null,
      lastProof: null,
      lastReplication: null,
      ...status,
    },
    running: null,
  } as RepositoryView;
}

const PROOF = {
  at: "2026-03-02T10:00:00Z",
  good: true,
  message: "3 files restored",
  snapshot: "a",
  snapshotTime: "2026-03-02T09:00:00Z",
  recoveryPointSeconds: 3600,
  recoverySeconds: 12,
  files: 3,
  bytes: 9,
};

const COPIED = {
  at: "2026-03-02T10:00:00Z",
  good: true,
  message: "",
  seconds: 1,
  snapshots: 2,
  missing: 0,
  behindSince: null,
};

const PLACE = { replica: "/mnt/vault" };

test("a backup is overdue when it is older than it may be, and not when nobody uses it any more", () => {
  const old = repository({ lastBackup: "2026-02-28T12:00:00Z" });
  expect(backupShown(old, NOW)).toMatchObject({ tone: "bad", label: "Overdue" });
  expect(backupShown({ ...old, inUse: false }, NOW)).toMatchObject({ tone: "off", label: "Not in use" });
  expect(backupShown(repository({ lastBackup: "2026-03-02T02:00:00Z" }), NOW).label).toBe("Backed up");
  expect(backupShown(repository({ lastBackup: "2020-03-02T02:00:00Z" }, { overdueHours: 0 }), NOW).tone).toBe("ok");
});

test("no backup at all is overdue too, but not at once", () => {
  expect(backupShown(repository({}), NOW).label).toBe("Overdue");
  expect(backupShown({ ...repository({}), createdAt: "2026-03-02T11:00:00Z" }, NOW).label).toBe("No backup yet");
  expect(backupShown({ ...repository({}), inUse: false }, NOW).tone).toBe("off");
});

test("the age stands beside what is allowed, where something is", () => {
  const view = repository({ lastBackup: "2026-03-02T02:00:00Z" });
  expect(ageWords(view, NOW)).toBe("10 h ago of at most 36 h");
  expect(ageWords({ ...view, inUse: false }, NOW)).toBe("10 h ago");
});

test("the second place is behind also by what came after the last good copy", () => {
  const current = repository({ lastBackup: "2026-03-02T09:00:00Z", lastReplication: COPIED }, PLACE);
  expect(behindSince(current)).toBeNull();
  expect(replicaShown(current, NOW)).toMatchObject({ tone: "ok", label: "Up to date" });
  const newer = repository({ lastBackup: "2026-03-02T11:00:00Z", lastReplication: COPIED }, PLACE);
  expect(behindSince(newer)).toBe("2026-03-02T11:00:00Z");
  expect(replicaWords(newer, NOW)).toBe("behind for 1 h");
  // It may lag a little: that is nothing to look at.
  expect(replicaShown(newer, NOW).tone).toBe("wait");
});

test("a second place that lags for too long, or fails, is one to look at", () => {
  const behind = { ...COPIED, behindSince: "2026-03-01T11:00:00Z" };
  expect(replicaShown(repository({ lastReplication: behind }, PLACE), NOW).label).toBe("Behind");
  const failed = repository({ lastReplication: { ...behind, good: false, message: "no room" } }, PLACE);
  expect(replicaShown(failed, NOW).label).toBe("Failed");
  expect(replicaWords(failed, NOW)).toMatch(/^behind for .*, no room$/);
  expect(replicaShown(repository({ snapshots: 2 }, PLACE), NOW).label).toBe("Behind");
  expect(replicaShown(repository({}), NOW).label).toBe("None");
});

test("a proof tells what would have been lost, and a failed one why", () => {
  const good = repository({ lastProof: PROOF, snapshots: 2 });
  expect(proofShown(good, NOW).label).toBe("Proven");
  expect(proofWords(good)).toBe("restored in 12 s, would have lost 1 h");
  const failed = repository({ lastProof: { ...PROOF, good: false, message: "look ended with 1" } });
  expect(proofShown(failed, NOW)).toMatchObject({ tone: "bad", label: "Failed" });
  expect(proofWords(failed)).toBe("look ended with 1");
});

test("a proof that is too old, or never came, is told apart from one that is not wanted", () => {
  const old = repository({ lastProof: { ...PROOF, at: "2026-01-02T12:00:00Z" }, snapshots: 2 });
  expect(proofShown(old, NOW).label).toBe("Unproven");
  expect(proofShown(repository({ snapshots: 2 }), NOW).label).toBe("Unproven");
  expect(proofShown({ ...repository({ snapshots: 2 }), createdAt: "2026-03-01T12:00:00Z" }, NOW).label).toBe("Not yet");
  expect(proofShown(repository({ snapshots: 2 }, { proofHours: 0 }), NOW).label).toBe("Not wanted");
});

test("one is to be looked at for any of its parts, and for a quota that is nearly used", () => {
  const fine = repository({ lastBackup: "2026-03-02T09:00:00Z", snapshots: 2, lastProof: PROOF });
  expect(needsLook(fine, NOW)).toBe(false);
  const damaged = { at: "2026-03-02T10:00:00Z", good: false, message: "pack missing", seconds: 1 };
  expect(needsLook({ ...fine, status: { ...fine.status, lastCheck: damaged } }, NOW)).toBe(true);
  const full = { ...fine, policy: { ...fine.policy, quotaMiB: 1 }, status: { ...fine.status, bytes: 1_010_000 } };
  expect(quotaUsed(full)).toBe(96);
  expect(needsLook(full, NOW)).toBe(true);
});

test("the fleet's line counts only what is in use", () => {
  const fine = repository({ lastBackup: "2026-03-02T09:00:00Z", bytes: 3 << 20, grownBytes: 1 << 20 });
  const text = fleetWords([fine, { ...fine, inUse: false }, repository({})], NOW);
  expect(text).toBe("1 of 2 backups up to date · 6.0 MiB held · +2.0 MiB in a week");
});

test("text of a machine in a row is only text, and who may nothing gets no actions", () => {
  const view = repository({ lastProof: { ...PROOF, good: false, message: "<b>bad</b>" } });
  const html = draw(
    <MemoryRouter>
      <Repositories all={[view]} withMachine={false} />
    </MemoryRouter>,
    ["read"],
  );
  expect(html).not.toContain("<b>bad");
  expect(html).not.toContain("Actions for");
  expect(words(html)).toContain("Overdue");
});
