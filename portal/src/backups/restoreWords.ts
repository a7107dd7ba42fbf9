import type { BackupSnapshot } from "../api/backupTypes";
import type { InstallationView, JsonObject, MachineView } from "../api/types";
import { ago } from "../show/format";

export type Overwrite = "always" | "if-newer" | "never";

/** What somebody wants back, as the form has it. */
export interface RestoreWish {
  /** latest, or an id */
  snapshot: string;
  /** Paths and patterns, one a line; empty is everything. */
  include: string;
  exclude: string;
  /** / is each file's own place. */
  target: string;
  overwrite: Overwrite;
  dryRun: boolean;
}

/** "/etc\n *.conf \n\n" -> ["/etc", "*.conf"] */
export function patterns(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What vmext.Restore is given; the same that vmext restore gives it. */
export function restoreSettings(from: { machine: string; installation: string }, wish: RestoreWish): JsonObject {
  const include = patterns(wish.include);
  const exclude = patterns(wish.exclude);
  return {
    from,
    snapshot: wish.snapshot,
    target: wish.target.trim(),
    overwrite: wish.overwrite,
    dryRun: wish.dryRun,
    verify: true,
    ...(include.length > 0 ? { include } : {}),
    ...(exclude.length > 0 ? { exclude } : {}),
  };
}

/** What is wrong with the wish, or null. */
export function misfit(wish: RestoreWish, some: boolean): string | null {
  if (!wish.target.trim().startsWith("/")) {
    return "The folder must be an absolute path.";
  }
  if (some && patterns(wish.include).length === 0) {
    return "Say which files.";
  }
  return patterns(wish.include).length > 256 || patterns(wish.exclude).length > 256
    ? "At most 256 paths and patterns are possible."
    : null;
}

/** "30/11/2026, 12:00 (4 h ago), 1a2b3c4d, of web1" */
export function snapshotLabel(one: BackupSnapshot, hosts: number, now: number): string {
  return [
    `${new Date(one.time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })} (${ago(one.time, now)})`,
    one.id.slice(0, 8),
    ...(hosts > 1 ? [`of ${one.host}`] : []),
  ].join(", ");
}

const ENDED = new Set(["ready", "returned", "removed", "failed", "timed-out"]);

/** Whether what the machine says belongs to the settings that are wanted now, and nothing more comes by itself. */
export function isOver(view: InstallationView): boolean {
  return (
    view.appliedSequence >= view.sequence &&
    ENDED.has(view.state) &&
    (!view.healthy || view.version === view.runningVersion)
  );
}

/** The report of a restore, as its handler tells it. */
export function reportOf(view: InstallationView): string {
  return view.status?.substatus.find((part) => part.name === "report")?.message ?? "";
}

/** Machines that can take it: those that are there, the one that was backed up first. */
export function targets(machines: MachineView[], own: string): { value: string; label: string }[] {
  return machines
    .filter((machine) => machine.state !== "deleting")
    .toSorted((a, b) => Number(b.id === own) - Number(a.id === own) || a.name.localeCompare(b.name))
    .map((machine) => ({
      value: machine.name,
      label: [
        machine.name,
        ...(machine.id === own ? ["its own"] : []),
        ...(machine.state === "online" ? [] : [machine.state]),
      ].join(", "),
    }));
}
