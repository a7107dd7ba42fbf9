// What the mock keeps, restores and updates: backup repositories, snapshots of disks, missing updates.
import { readFileSync } from "node:fs";
import { secondsAgo } from "./seconds-ago.mjs";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const MIB = 1024 ** 2;

/** The real descriptions of packages, as the catalog shows them. */
function offered(folder) {
  const text = readFileSync(
    new URL(`../../extensions/${folder}/src/main/package/extension.json`, import.meta.url),
    "utf8",
  );
  const { settingsSchema, protectedSchema, uiSchema, ...one } = JSON.parse(
    text.replaceAll("${extension.version}", "1.0.0.1"),
  );
  return {
    name: one.name,
    displayName: one.displayName,
    description: one.description,
    category: one.category,
    kind: one.kind,
    instances: one.instances,
    scripts: one.scripts,
    platforms: ["linux/debian 12/amd64", "linux/ubuntu 22.04 24.04/amd64"],
    providers: [],
    latest: "1.0.0.1",
    settingsSchema: settingsSchema ?? null,
    protectedSchema: protectedSchema ?? null,
    uiSchema: uiSchema ?? null,
    versions: [
      {
        version: "1.0.0.1",
        state: "active",
        digest: `sha256:${"b4".repeat(32)}`,
        size: 61_204,
        keyId: "vmext-2026-1",
        publishedAt: secondsAgo(HOUR),
      },
    ],
  };
}

export function managementCatalog() {
  return ["backup/backup", "backup/restore", "management/updates"].map(offered);
}

/** Of the machines of mock-data.mjs. */
const DEMO = "636e40ed-0ea1-4193-87ee-55606d5678d1";
const EDGE = "636e40ed-0ea1-4193-87ee-55606d5678d2";
const DB1 = "636e40ed-0ea1-4193-87ee-55606d5678d4";
const GONE = "5d9f40ed-0ea1-4193-87ee-55606d5678aa";

const POLICY = {
  keepLast: 3,
  keepHourly: 0,
  keepDaily: 7,
  keepWeekly: 5,
  keepMonthly: 12,
  keepYearly: 3,
  keepWithin: "",
  pruneHours: 24,
  quotaMiB: 0,
  overdueHours: 36,
  checkHours: 168,
  checkPercent: 5,
  proofHours: 720,
  proofMaxAgeHours: 1_080,
  proofProgram: "",
  proofInclude: [],
  replica: "",
  replicaHours: 6,
  replicaLagHours: 24,
};

function sizes(days, from, to) {
  const today = Math.floor(Date.now() / 1000 / DAY);
  return Array.from({ length: days }, (_, index) => ({
    day: today - days + 1 + index,
    bytes: Math.round(from + ((to - from) * index) / (days - 1)),
  }));
}

function outcome(seconds, message, given = {}) {
  return { at: secondsAgo(seconds), good: true, message, seconds: 4, ...given };
}

function proof(seconds, given = {}) {
  return {
    at: secondsAgo(seconds),
    good: true,
    message: "dump is whole",
    snapshot: "1a2b3c4d".repeat(8),
    snapshotTime: secondsAgo(seconds + 5 * HOUR),
    recoveryPointSeconds: 5 * HOUR,
    recoverySeconds: 41,
    files: 20_914,
    bytes: 812 * MIB,
    ...given,
  };
}

function repository(given) {
  const { policy, status, ...rest } = given;
  return {
    project: "default",
    machine: "demo",
    machineId: DEMO,
    machineExists: true,
    installation: "nightly",
    inUse: true,
    createdAt: secondsAgo(60 * DAY),
    policy: { ...POLICY, ...policy },
    replicaSecrets: [],
    status: {
      measuredAt: secondsAgo(600),
      lastBackup: secondsAgo(4 * HOUR),
      snapshots: 14,
      bytes: 902 * MIB,
      grownBytes: 31 * MIB,
      sizes: sizes(30, 600 * MIB, 902 * MIB),
      lastPrune: outcome(3 * HOUR, "forgot 1 of 15 snapshots, freed 4.1 MiB"),
      lastCheck: outcome(2 * DAY, "no errors were found, 5 % of the data read"),
      lastProof: proof(12 * DAY),
      lastReplication: null,
      ...status,
    },
    running: null,
    ...rest,
  };
}

function startingRepositories() {
  return [
    repository({
      policy: { replica: "sftp:vault@backup2:/vmext/demo" },
      status: {
        lastReplication: {
          ...outcome(3 * HOUR, "copied 1 snapshot"),
          snapshots: 14,
          missing: 0,
          behindSince: null,
        },
      },
    }),
    repository({
      machine: "db1",
      machineId: DB1,
      installation: "backup",
      policy: { replica: "/mnt/vault/db1", quotaMiB: 4_096, proofProgram: "look-at-db1" },
      status: {
        lastBackup: secondsAgo(3.2 * DAY),
        snapshots: 21,
        bytes: 3_990 * MIB,
        grownBytes: 610 * MIB,
        sizes: sizes(60, 900 * MIB, 3_990 * MIB),
        lastProof: proof(2 * DAY, {
          good: false,
          message: "look-at-db1 ended with 1: gzip: db.sql.gz: unexpected end of file",
        }),
        lastReplication: {
          ...outcome(2 * HOUR, "restic: open repository: no such file or directory", { good: false }),
          snapshots: 19,
          missing: 2,
          behindSince: secondsAgo(4 * DAY),
        },
      },
    }),
    repository({
      machine: "edge-berlin-03",
      machineId: EDGE,
      installation: "backup",
      createdAt: secondsAgo(2 * HOUR),
      status: {
        lastBackup: null,
        snapshots: 0,
        bytes: 2_048,
        grownBytes: 0,
        sizes: [],
        lastPrune: null,
        lastCheck: null,
        lastProof: null,
      },
    }),
    repository({
      machine: "web0",
      machineId: GONE,
      machineExists: false,
      installation: "backup",
      inUse: false,
      policy: { proofHours: 0 },
      status: { lastBackup: secondsAgo(40 * DAY), snapshots: 3, grownBytes: 0, lastProof: null },
    }),
  ];
}

function backupSnapshots(view) {
  const host = view.machine;
  return Array.from({ length: view.status.snapshots }, (_, index) => ({
    id: `${(index + 17).toString(16).padStart(2, "0")}2b3c4d`.repeat(8),
    time: new Date(Date.parse(view.status.lastBackup) - index * DAY * 1000).toISOString(),
    host,
    paths: ["/etc", "/home", "/srv", `/var/lib/vmext-backup/${view.installation}/dumps`],
    tags: index === 0 ? ["vmext"] : [],
  }));
}

function startingDisks() {
  const disk = (given) => ({
    id: "",
    project: "default",
    machine: "demo",
    state: "ready",
    kind: "increment",
    parent: null,
    chain: 0,
    whyFull: null,
    consistency: "application",
    note: null,
    at: null,
    diskBytes: 8 * 1024 * MIB,
    bytes: 48 * MIB,
    digest: `sha256:${"c1".repeat(32)}`,
    verifiedAt: null,
    faults: [],
    problem: null,
    createdBy: "user:ada",
    createdAt: secondsAgo(HOUR),
    endedAt: null,
    ...given,
  });
  return [
    disk({
      id: "20261130-120000-3",
      state: "failed",
      kind: null,
      consistency: null,
      bytes: 0,
      problem: {
        type: "urn:vmext:problem:freeze-failed",
        title: "The machine could not be held still",
        status: 409,
        detail: "cannot freeze the file systems of demo: the hook /etc/vmext/freeze.d/50-queue ended with 1",
        code: "freeze-failed",
        hint: "Mend the hook, or take a snapshot with --consistency crash.",
        retry: true,
      },
      createdAt: secondsAgo(HOUR),
    }),
    disk({
      id: "20261130-060000-2",
      parent: "20261129-060000-1",
      chain: 1,
      at: secondsAgo(6 * HOUR),
      verifiedAt: secondsAgo(5 * HOUR),
      consistency: "crash",
      note: "not application-consistent: the agent is too old to freeze file systems",
    }),
    disk({
      id: "20261129-060000-1",
      kind: "full",
      whyFull: "it is the first of this machine",
      at: secondsAgo(30 * HOUR),
      bytes: 1_204 * MIB,
      verifiedAt: secondsAgo(5 * HOUR),
      faults: ["disk.qcow2: SHA-256 differs from what was written down"],
    }),
  ];
}

/** The newest values, by machine. */
const FIGURES = {
  "vmext_updates_missing class=security": { demo: 2, db1: 0 },
  "vmext_updates_missing class=other": { demo: 3, db1: 4 },
  "vmext_updates_overdue class=security": { demo: 2, db1: 0 },
  "vmext_updates_overdue class=other": { demo: 0, db1: 0 },
  "vmext_updates_reboot_needed ": { demo: 1, db1: 0 },
  "vmext_updates_compliant ": { demo: 0, db1: 1 },
  "vmext_updates_last_assessment_timestamp_seconds ": {
    demo: Math.floor(Date.now() / 1000) - 5_000,
    db1: Math.floor(Date.now() / 1000) - 20_000,
  },
};

function figures(query, empty) {
  const own = empty ? {} : (FIGURES[`${query.get("name")} ${query.getAll("match").join(" ")}`] ?? {});
  return {
    name: query.get("name"),
    from: new Date(Number(query.get("from")) * 1000).toISOString(),
    stepSeconds: DAY,
    steps: 2,
    aggregate: "last",
    series: Object.entries(own).map(([machine, value]) => ({
      name: query.get("name"),
      kind: "gauge",
      labels: { machine },
      values: [null, value],
    })),
  };
}

/** What vmext.Updates of machine demo tells. */
export function updatesStatus() {
  const known = secondsAgo(3 * DAY).replace(/\.\d+Z$/, "Z");
  const part = (name, message, status = "success") => ({ name, status, code: "0", message });
  return {
    operation: "Enable",
    status: "success",
    code: "0",
    message: "2 security and 3 other updates missing, 2 of them overdue; the machine must restart",
    substatus: [
      part("assessment", `2 security and 3 other updates missing, 2 of them overdue\nlooked at ${known}`, "warning"),
      part(
        "missing",
        [
          `security openssl 3.0.14-1~deb12u1 3.0.15-1~deb12u1 ${known} install`,
          `security libssl3 3.0.14-1~deb12u1 3.0.15-1~deb12u1 ${known} install`,
          `other tzdata 2024a-0+deb12u1 2024b-0+deb12u1 ${known} class`,
          `other base-files 12.4+deb12u7 12.4+deb12u8 ${known} class`,
          `other linux-image-amd64 6.1.106-3 6.1.112-1 ${known} excluded`,
        ].join("\n"),
      ),
      part("last-install", `partial at ${known} (daily): 7 installed, 0 failed, 2 left\nthe window was over`),
      part("windows", "daily: Mon Tue Wed Thu Fri Sat Sun 03:00 UTC, 120 minutes; next: Tue 2026-12-01 03:07:11 UTC"),
      part("restart", "kernel 6.1.0-26-amd64 runs, 6.1.0-27-amd64 is installed", "warning"),
    ],
  };
}

/** What vmext.Restore tells when it is done. */
export function restoreStatus(settings) {
  const when = "2026-11-30T02:31:07Z";
  const lines = settings.dryRun
    ? [
        `Dry run: snapshot 112b3c4d of ${when} would restore 48 files with 1.2 MiB to ${settings.target}: 1 new, 2 different, 45 the same`,
        `snapshot 112b3c4d of ${when}\n48 files, 1.2 MiB: 1 new, 2 different here, 45 the same\nnew        /etc/nginx/sites-enabled/<b>shop</b>\ndifferent  /etc/nginx/nginx.conf\ndifferent  /etc/hosts (newer here)`,
      ]
    : [
        `Restored 48 files of snapshot 112b3c4d of ${when} to ${settings.target} in 3 s`,
        `snapshot 112b3c4d of ${when}\n48 files, 1.2 MiB, contents verified; before: 1 were not there, 2 were different, 45 the same`,
      ];
  return {
    operation: "Enable",
    status: "success",
    code: "0",
    message: lines[0],
    substatus: [{ name: "report", status: "success", code: "0", message: lines[1] }],
  };
}

/** The part of the mock that answers about these things; announce tells watchers of a change. */
export function manageMock({ announce, answer, problem, later, step, empty }) {
  const repositories = empty ? [] : startingRepositories();
  const disks = empty ? [] : startingDisks();

  function repositoryApi(method, view, [work], response) {
    if (work === undefined) {
      return answer(response, 200, view);
    }
    if (work === "snapshots") {
      return answer(response, 200, { items: view.status.lastBackup ? backupSnapshots(view) : [] });
    }
    if (view.running) {
      return problem(
        response,
        409,
        "repository-busy",
        `cannot ${work} the repository of ${view.installation}: ${view.running} is running`,
        "Wait until it is done.",
      );
    }
    view.running = work;
    announce("repository", view.machine, view.installation);
    later(2 * step, () => {
      view.running = null;
      if (work === "check") {
        view.status.lastCheck = outcome(0, "no errors were found, 5 % of the data read");
      } else if (work === "prove") {
        view.status.lastProof = proof(0);
      } else if (work === "prune") {
        view.status.lastPrune = outcome(0, "nothing to forget");
      } else {
        view.status.lastReplication = { ...outcome(0, "copied"), snapshots: 14, missing: 0, behindSince: null };
      }
      announce("repository", view.machine, view.installation);
    });
    answer(response, 200, view);
  }

  function diskApi(method, machine, [id, order], response) {
    const own = disks.filter((one) => one.machine === machine);
    if (id === undefined && method === "GET") {
      return answer(response, 200, { items: own });
    }
    if (id === undefined) {
      const now = new Date().toISOString();
      const made = {
        ...startingDisks()[1],
        id: `20261130-${disks.length}`,
        machine,
        state: "taking",
        at: null,
        note: null,
        consistency: null,
        verifiedAt: null,
        parent: own[1]?.id ?? null,
        createdAt: now,
      };
      disks.unshift(made);
      announce("snapshot", machine, made.id);
      later(2 * step, () => {
        Object.assign(made, { state: "ready", at: now, consistency: "application" });
        announce("snapshot", machine, made.id);
      });
      return answer(response, 201, made);
    }
    const one = own.find((other) => other.id === id);
    if (!one) {
      return problem(
        response,
        404,
        "snapshot-not-found",
        `cannot find snapshot ${id}: there is none`,
        "Look at the list.",
      );
    }
    if (method === "DELETE") {
      disks.splice(disks.indexOf(one), 1);
      announce("snapshot", machine, id, true);
      return answer(response, 204);
    }
    if (order === "verify") {
      later(step, () => {
        one.verifiedAt = new Date().toISOString();
        announce("snapshot", machine, id);
      });
    }
    answer(response, 200, one);
  }

  /** Answers, or says that the question is about something else. */
  return function manage(method, parts, query, response) {
    const [kind, machine, part, ...rest] = parts;
    if (kind === "repositories") {
      answer(response, 200, { items: repositories });
      return true;
    }
    if (kind === "metrics" && machine === "range") {
      answer(response, 200, figures(query, empty));
      return true;
    }
    if (kind !== "machines") {
      return false;
    }
    if (part === "snapshots") {
      diskApi(method, machine, rest, response);
      return true;
    }
    if (part === "repositories") {
      const view = repositories.find(
        (one) => (one.machineId === machine || one.machine === machine) && one.installation === rest[0],
      );
      if (view) {
        repositoryApi(method, view, rest.slice(1), response);
      } else {
        problem(
          response,
          404,
          "repository-not-found",
          `cannot find the backup repository of ${rest[0]} of machine ${machine}: project default has none`,
          "vmext repository list shows what there is; a machine that is gone can be named by its id",
        );
      }
      return true;
    }
    return false;
  };
}
