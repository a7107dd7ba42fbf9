import { expect, test } from "vitest";
import { backupNow } from "../api/backups";
import type { MachineView } from "../api/types";
import { installation } from "../show/render";
import {
  isOver,
  misfit,
  patterns,
  type RestoreWish,
  reportOf,
  restoreSettings,
  snapshotLabel,
  targets,
} from "./restoreWords";

const WISH: RestoreWish = {
  snapshot: "latest",
  include: "",
  exclude: "",
  target: "/",
  overwrite: "always",
  dryRun: true,
};

const FROM = { machine: "id-1", installation: "nightly" };

test("everything back to its place is asked with the same words as on the command line", () => {
  expect(restoreSettings(FROM, WISH)).toEqual({
    from: FROM,
    snapshot: "latest",
    target: "/",
    overwrite: "always",
    dryRun: true,
    verify: true,
  });
});

test("each line is a path or a pattern, and empty ones are none", () => {
  expect(patterns(" /etc \n\n*.conf\n")).toEqual(["/etc", "*.conf"]);
  const some = restoreSettings(FROM, { ...WISH, include: "/etc\n", exclude: "*.iso", target: " /srv/old " });
  expect(some).toMatchObject({ include: ["/etc"], exclude: ["*.iso"], target: "/srv/old" });
});

test("a wish that cannot be meant is refused before it is sent", () => {
  expect(misfit(WISH, false)).toBeNull();
  expect(misfit(WISH, true)).toBe("Say which files.");
  expect(misfit({ ...WISH, target: "srv" }, false)).toContain("absolute");
  expect(misfit({ ...WISH, include: "a\n".repeat(257) }, true)).toContain("256");
});

test("a restore is over only when the machine speaks of these settings", () => {
  const done = installation({ extension: "vmext.Restore", state: "ready", sequence: 1, appliedSequence: 1 });
  expect(isOver(done)).toBe(true);
  expect(isOver({ ...done, sequence: 2 })).toBe(false);
  expect(isOver({ ...done, state: "enabling" })).toBe(false);
  expect(isOver({ ...done, state: "failed", healthy: false, runningVersion: null })).toBe(true);
  expect(isOver({ ...done, state: "waiting-machine", healthy: false, appliedSequence: 0 })).toBe(false);
});

test("the report is the handler's part of that name", () => {
  const status = {
    operation: "Enable",
    status: "success",
    code: "0",
    message: "Restored",
    substatus: [{ name: "report", status: "success", code: "0", message: "3 files" }],
  };
  expect(reportOf(installation({ status }))).toBe("3 files");
  expect(reportOf(installation())).toBe("");
});

test("its own machine comes first, one that is going is not offered, one that is off says so", () => {
  const machine = (name: string, state = "online") => ({ id: `id-${name}`, name, state }) as MachineView;
  const all = [machine("a"), machine("z"), machine("b", "offline"), machine("c", "deleting")];
  expect(targets(all, "id-z")).toEqual([
    { value: "z", label: "z, its own" },
    { value: "a", label: "a" },
    { value: "b", label: "b, offline" },
  ]);
});

test("a snapshot's host is told where there are several", () => {
  const one = { id: "1a2b3c4d".repeat(8), time: "2026-03-02T09:00:00Z", host: "web1", paths: [], tags: [] };
  const now = Date.parse("2026-03-02T12:00:00Z");
  expect(snapshotLabel(one, 1, now)).toMatch(/\(3 h ago\), 1a2b3c4d$/);
  expect(snapshotLabel(one, 2, now)).toMatch(/1a2b3c4d, of web1$/);
});

test("a backup beside the schedule keeps everything that was wanted, and the secrets", () => {
  const before = installation({
    extension: "vmext.Backup",
    constraint: "1.0",
    settings: { sources: ["/etc"], now: "old" },
    after: ["firewall"],
    deadlines: { enable: 90 },
  });
  expect(backupNow(before, "new")).toEqual({
    extension: "vmext.Backup",
    version: "1.0",
    settings: { sources: ["/etc"], now: "new" },
    protectedSettings: null,
    after: ["firewall"],
    rerun: null,
    deadlines: { enable: 90 },
  });
});
