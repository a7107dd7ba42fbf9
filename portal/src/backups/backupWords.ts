import type { RepositoryView } from "../api/backupTypes";
import { ago, bytes, count, duration } from "../show/format";
import type { Shown } from "../show/states";

const HOUR = 3_600_000;

function older(time: string, hours: number, now: number): boolean {
  return now - Date.parse(time) > hours * HOUR;
}

/** 36 -> "36 h", 1080 -> "45 d" */
export function hours(amount: number): string {
  return amount >= 72 && amount % 24 === 0 ? `${amount / 24} d` : `${amount} h`;
}

/** How the newest backup stands, against what is wanted. */
export function backupShown(view: RepositoryView, now: number): Shown {
  const last = view.status.lastBackup;
  const allowed = view.policy.overdueHours;
  if (view.inUse && allowed > 0 && older(last ?? view.createdAt, allowed, now)) {
    return {
      tone: "bad",
      label: "Overdue",
      meaning: last
        ? `The newest backup is older than ${hours(allowed)}.`
        : `There is no backup after ${hours(allowed)}.`,
    };
  }
  if (!last) {
    return {
      tone: view.inUse ? "wait" : "off",
      label: "No backup yet",
      meaning: "Nothing was ever backed up into it.",
    };
  }
  if (!view.inUse) {
    return {
      tone: "off",
      label: "Not in use",
      meaning: "No installation writes into it any more. What is in it can be restored.",
    };
  }
  return allowed > 0
    ? { tone: "ok", label: "Backed up", meaning: `The newest backup is not older than ${hours(allowed)}.` }
    : { tone: "ok", label: "Backed up", meaning: "There is a backup. None is ever overdue here." };
}

/** "4 h ago of at most 36 h" */
export function ageWords(view: RepositoryView, now: number): string {
  const { lastBackup } = view.status;
  const allowed = view.policy.overdueHours;
  if (!lastBackup) {
    return "";
  }
  return allowed > 0 && view.inUse ? `${ago(lastBackup, now)} of at most ${hours(allowed)}` : ago(lastBackup, now);
}

/** From when on the second place lacks something; null when it has all, or there is none. */
export function behindSince(view: RepositoryView): string | null {
  const { lastReplication, lastBackup, snapshots } = view.status;
  if (!view.policy.replica) {
    return null;
  }
  if (!lastReplication) {
    return snapshots > 0 ? view.createdAt : null;
  }
  if (lastReplication.behindSince) {
    return lastReplication.behindSince;
  }
  return lastBackup && Date.parse(lastBackup) > Date.parse(lastReplication.at) ? lastBackup : null;
}

/** How the second place stands. A lag that may be is none to worry about. */
export function replicaShown(view: RepositoryView, now: number): Shown {
  const { replica, replicaLagHours } = view.policy;
  if (!replica) {
    return { tone: "off", label: "None", meaning: "The backups are nowhere else." };
  }
  const last = view.status.lastReplication;
  const since = behindSince(view);
  const allowed = replicaLagHours > 0 ? ` It may be ${hours(replicaLagHours)} behind.` : "";
  if (last && !last.good) {
    return { tone: "warn", label: "Failed", meaning: `The last copy failed.${allowed}` };
  }
  if (since && replicaLagHours > 0 && older(since, replicaLagHours, now)) {
    return { tone: "warn", label: "Behind", meaning: `It lacks backups.${allowed}` };
  }
  if (!last) {
    return { tone: "wait", label: "Not copied yet", meaning: `Nothing was copied there yet.${allowed}` };
  }
  return since
    ? { tone: "wait", label: "To be copied", meaning: `It lacks what was backed up since the last copy.${allowed}` }
    : { tone: "ok", label: "Up to date", meaning: "It has every backup." };
}

/** What stands below that. */
export function replicaWords(view: RepositoryView, now: number): string {
  const since = behindSince(view);
  const lag = since ? `behind for ${duration((now - Date.parse(since)) / 1000)}` : "";
  const last = view.status.lastReplication;
  return [lag, last && !last.good ? last.message : ""].filter(Boolean).join(", ");
}

/** Whether what is in it was restored for proof, and lately enough. */
export function proofShown(view: RepositoryView, now: number): Shown {
  const { proofHours, proofMaxAgeHours } = view.policy;
  const proof = view.status.lastProof;
  if (proof && !proof.good) {
    return { tone: "bad", label: "Failed", meaning: "The last backup that was restored for proof did not come back." };
  }
  if (proofHours === 0 && !proof) {
    return { tone: "off", label: "Not wanted", meaning: "No backup is restored for proof by itself." };
  }
  const since = proof?.at ?? view.createdAt;
  const wanted = view.status.snapshots > 0 && proofHours > 0 && proofMaxAgeHours > 0;
  if (wanted && older(since, proofMaxAgeHours, now)) {
    return {
      tone: "warn",
      label: "Unproven",
      meaning: `No backup was restored for proof within ${hours(proofMaxAgeHours)}.`,
    };
  }
  return proof
    ? { tone: "ok", label: "Proven", meaning: "A backup was restored and looked at." }
    : { tone: "wait", label: "Not yet", meaning: "No backup was restored for proof yet." };
}

/** Recovery point and time of the last proof. */
export function proofWords(view: RepositoryView): string {
  const proof = view.status.lastProof;
  if (!proof) {
    return "";
  }
  return proof.good
    ? `restored in ${duration(proof.recoverySeconds)}, would have lost ${duration(proof.recoveryPointSeconds)}`
    : proof.message;
}

export function checkShown(view: RepositoryView): Shown {
  const check = view.status.lastCheck;
  if (!check) {
    return { tone: "wait", label: "Not yet", meaning: "It was not checked yet." };
  }
  return check.good
    ? { tone: "ok", label: "Sound", meaning: "The last check found no error." }
    : { tone: "bad", label: "Damaged", meaning: "The last check found an error." };
}

export function grownWords(view: RepositoryView): string {
  const { grownBytes } = view.status;
  return `${grownBytes < 0 ? "−" : "+"}${bytes(Math.abs(grownBytes))} in a week`;
}

/** Of the quota, in percent; null when there is none. */
export function quotaUsed(view: RepositoryView): number | null {
  const quota = view.policy.quotaMiB * 1024 * 1024;
  return quota > 0 ? Math.floor((view.status.bytes / quota) * 100) : null;
}

/** Whether a person should look at it: what is, or is about to be, a finding. */
export function needsLook(view: RepositoryView, now: number): boolean {
  const tones = [backupShown(view, now), proofShown(view, now), replicaShown(view, now), checkShown(view)];
  return tones.some(({ tone }) => tone === "bad" || tone === "warn") || (quotaUsed(view) ?? 0) >= 95;
}

/** The fleet in one line: how many are as they should be, and what they hold. */
export function fleetWords(all: RepositoryView[], now: number): string {
  const used = all.filter((view) => view.inUse);
  const good = used.filter((view) => backupShown(view, now).tone === "ok").length;
  const held = all.reduce((sum, view) => sum + view.status.bytes, 0);
  const grown = all.reduce((sum, view) => sum + view.status.grownBytes, 0);
  return [
    `${good} of ${count(used.length, "backup")} up to date`,
    `${bytes(held)} held`,
    `${grown < 0 ? "−" : "+"}${bytes(Math.abs(grown))} in a week`,
  ].join(" · ");
}

/** What the control plane keeps, as a list: "3 last, 7 daily". */
export function keptWords(policy: RepositoryView["policy"]): string {
  const kept = (
    [
      [policy.keepLast, "last"],
      [policy.keepHourly, "hourly"],
      [policy.keepDaily, "daily"],
      [policy.keepWeekly, "weekly"],
      [policy.keepMonthly, "monthly"],
      [policy.keepYearly, "yearly"],
    ] as const
  ).flatMap(([amount, word]) => (amount > 0 ? [`${amount} ${word}`] : []));
  return [...kept, ...(policy.keepWithin ? [`all within ${policy.keepWithin}`] : [])].join(", ");
}

export function everyWords(amount: number): string {
  return amount > 0 ? `every ${hours(amount)}` : "never by itself";
}
