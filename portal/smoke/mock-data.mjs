// Machines and installations in the states that people meet: fine, being made, broken, switched off.
import { catalog as scriptAndFirewall } from "./mock-catalog.mjs";
import { managementCatalog, updatesStatus } from "./mock-manage.mjs";
import { secondsAgo } from "./seconds-ago.mjs";

export const catalog = [...scriptAndFirewall, ...managementCatalog()];

function machine(given) {
  return {
    id: "",
    name: "",
    project: "default",
    provider: "qemu",
    state: "online",
    power: "running",
    message: null,
    progress: null,
    problem: null,
    labels: {},
    facts: {},
    cpus: 2,
    memoryMiB: 1024,
    diskGiB: 8,
    goalGeneration: 3,
    appliedGeneration: 3,
    installations: 0,
    healthyInstallations: 0,
    createdAt: secondsAgo(4_000),
    enrolledAt: secondsAgo(3_900),
    lastSeen: secondsAgo(2),
    unmanaged: [],
    ...given,
  };
}

const DEBIAN = {
  os: "linux",
  distro: "debian",
  osVersion: "12",
  arch: "amd64",
  kernel: "6.1.0-27-amd64",
  agentVersion: "0.1.0",
  trustMode: "full",
  osName: "Debian GNU/Linux 12 (bookworm)",
  machineId: "3d1219c7c4c5404aaa1f6d2a48adfda4",
  bootId: "a660285d-8b6d-4bea-bafe-1d0363ab2fa4",
  "service.name": "vmext-agent",
  "service.instance.id": "fe3992e7-dc72-4c82-6a88-d184774ced77",
};

export function startingMachines() {
  return [
    machine({
      id: "636e40ed-0ea1-4193-87ee-55606d5678d1",
      name: "demo",
      labels: { role: "demo", site: "here" },
      facts: { ...DEBIAN, hostname: "demo" },
      unmanaged: [
        {
          name: "old-backup",
          extension: "vmext.CustomScript",
          version: "1.0.0.1",
          state: "ready",
          at: secondsAgo(7_300),
          reported: true,
        },
      ],
    }),
    machine({
      id: "636e40ed-0ea1-4193-87ee-55606d5678d2",
      name: "edge-berlin-03",
      provider: "self-enrolled",
      power: null,
      cpus: null,
      memoryMiB: null,
      diskGiB: null,
      labels: { site: "berlin" },
      facts: {
        ...DEBIAN,
        distro: "ubuntu",
        osVersion: "24.04",
        kernel: "6.8.0-48-generic",
        hostname: "edge-berlin-03",
        trustMode: "no-scripts",
      },
      goalGeneration: 5,
      appliedGeneration: 4,
    }),
    machine({
      id: "636e40ed-0ea1-4193-87ee-55606d5678d3",
      name: "web1",
      state: "provisioning",
      message: "Building the Debian 12 disk image (once per recipe): unpacking packages",
      progress: 62,
      power: "absent",
      goalGeneration: 1,
      appliedGeneration: 0,
      enrolledAt: null,
      lastSeen: null,
      createdAt: secondsAgo(95),
    }),
    machine({
      id: "636e40ed-0ea1-4193-87ee-55606d5678d4",
      name: "db1",
      state: "offline",
      power: "stopped",
      message: "stopped on request",
      facts: { ...DEBIAN, hostname: "db1" },
      lastSeen: secondsAgo(5_400),
      goalGeneration: 4,
      appliedGeneration: 3,
    }),
    machine({
      id: "636e40ed-0ea1-4193-87ee-55606d5678d5",
      name: "big",
      state: "expected",
      power: "absent",
      memoryMiB: 65_536,
      problem: {
        type: "urn:vmext:problem:not-enough-memory",
        title: "The host has too little memory",
        status: 503,
        detail: "cannot start machine big: it wants 64 GiB of memory and the host has 18.2 GiB free",
        code: "not-enough-memory",
        hint: "Stop other machines, or create it with less: vmext machine create big --memory 4096.",
        retry: true,
      },
      enrolledAt: null,
      lastSeen: null,
      goalGeneration: 0,
      appliedGeneration: 0,
      createdAt: secondsAgo(700),
    }),
  ];
}

/** What an installation has that nothing has happened to. */
export const NOTHING_MORE = {
  deadlines: {},
  order: null,
  offered: [],
  attempted: null,
  usage: null,
  removal: null,
  versionState: "active",
  expiresAt: null,
  overdue: null,
};

function installation(given) {
  return {
    machine: "demo",
    name: "",
    extension: "vmext.CustomScript",
    constraint: "*",
    version: "1.0.0.1",
    runningVersion: "1.0.0.1",
    category: "management",
    kind: "one-shot",
    state: "ready",
    healthy: true,
    cause: null,
    status: null,
    output: "",
    exitCode: 0,
    attempt: 1,
    settings: {},
    protectedKeys: [],
    after: [],
    sequence: 0,
    appliedSequence: 0,
    removing: false,
    createdAt: secondsAgo(3_950),
    changedAt: secondsAgo(3_950),
    stateSince: secondsAgo(3_700),
    ...NOTHING_MORE,
    ...given,
  };
}

const FIREWALL = {
  extension: "vmext.Firewall",
  version: "1.0.0.2",
  runningVersion: "1.0.0.2",
  category: "security",
  kind: "continuous",
};

export function startingInstallations() {
  return [
    installation({
      ...FIREWALL,
      name: "firewall",
      settings: {
        defaultInbound: "drop",
        rules: [
          { name: "ssh", action: "accept", protocol: "tcp", ports: [22], sources: ["10.0.0.0/8"] },
          { name: "web", action: "accept", protocol: "tcp", ports: [80, 443, "8000-8100"] },
        ],
      },
      output: "nftables 1.0.6 is installed\ntable inet vmext_firewall: 2 rules, loaded in 0.04 s\n",
      status: {
        operation: "Enable",
        status: "success",
        code: "0",
        message: "2 rules are in force; other inbound traffic is dropped",
        substatus: [
          { name: "ruleset", status: "success", code: "0", message: "table inet vmext_firewall is loaded" },
          { name: "control-plane", status: "success", code: "0", message: "port 4320 stays reachable" },
          { name: "probe/rules-loaded", status: "success", code: "0", message: "" },
        ],
      },
      state: "returned",
      version: "1.0.0.3",
      offered: ["retry", "reset", "release"],
      attempted: {
        version: "1.0.0.3",
        at: secondsAgo(600),
        heldUntil: secondsAgo(-3_000),
        cause: {
          kind: "probe",
          step: "update",
          message: "probe rules-loaded failed 3 times after the update",
          hint: "Read what the probe says, then release the version or publish a corrected one.",
          evidence: { probe: "rules-loaded", failures: "3" },
        },
      },
      usage: { budgeted: true, cpuMillis: 2_340, memoryPeakKiB: 18_432, tasksPeak: 4, diskKiB: 812 },
    }),
    installation({
      name: "motd",
      settings: {
        script: '#!/bin/sh\nset -eu\necho "Managed by vmext" > /etc/motd\ncat /etc/motd\n',
        timeoutSeconds: 60,
      },
      protectedKeys: ["environment"],
      after: ["firewall"],
      sequence: 2,
      appliedSequence: 2,
      status: {
        operation: "Enable",
        status: "success",
        code: "0",
        message: "The script ended with exit code 0 after 0.3 s",
        substatus: [
          {
            name: "stdout",
            status: "success",
            code: "0",
            message: "Managed by vmext\n<script>alert('only text')</script>\ntoken=******\n",
          },
          { name: "stderr", status: "success", code: "0", message: "" },
        ],
      },
      stateSince: secondsAgo(260),
    }),
    installation({
      name: "backup-check",
      state: "failed",
      healthy: false,
      attempt: 2,
      exitCode: 3,
      offered: ["retry", "reset"],
      versionState: "deprecated",
      settings: { commandToExecute: "/opt/check-backup --strict" },
      output:
        "checking /srv/backup\nnewest snapshot: 2026-11-20T02:00:11Z\nERROR: newest snapshot is 3 days old, at most 1 is allowed\n",
      cause: {
        kind: "handler-exit",
        step: "enable",
        message: "the script ended with exit code 3",
        hint: "Read the last output, correct what it names, and run it again.",
        evidence: {
          exitCode: "3",
          seconds: "1.8",
          lastLine: "ERROR: newest snapshot is 3 days old, at most 1 is allowed",
        },
      },
      status: {
        operation: "Enable",
        status: "error",
        code: "3",
        message: "The script ended with exit code 3 after 1.8 s",
        substatus: [
          {
            name: "script",
            status: "error",
            code: "3",
            message: "ERROR: newest snapshot is 3 days old, at most 1 is allowed",
          },
        ],
      },
      stateSince: secondsAgo(48),
    }),
    installation({
      name: "updates",
      extension: "vmext.Updates",
      kind: "continuous",
      settings: { classifications: ["security"] },
      status: updatesStatus(),
      stateSince: secondsAgo(3_000),
    }),
    installation({
      name: "nightly",
      extension: "vmext.Backup",
      category: "backup",
      kind: "continuous",
      settings: { sources: ["/etc", "/home", "/srv"], dumps: [{ type: "postgresql" }] },
      protectedKeys: ["repositoryPassword"],
      status: {
        operation: "Enable",
        status: "success",
        code: "0",
        message: `last good backup at ${secondsAgo(14_400)}`,
        substatus: [{ name: "repository", status: "success", code: "0", message: "the control plane" }],
      },
      stateSince: secondsAgo(3_000),
    }),
    installation({
      ...FIREWALL,
      machine: "edge-berlin-03",
      name: "firewall",
      state: "waiting-lease",
      healthy: false,
      runningVersion: null,
      appliedSequence: -1,
      exitCode: null,
      cause: {
        kind: "lock",
        step: "install",
        message: "the package manager is in use by unattended-upgrades (pid 2114)",
        hint: "It goes on by itself when that ends; the deadline is in 9 minutes.",
        evidence: {
          holder: "/usr/bin/python3 /usr/bin/unattended-upgrade",
          pid: "2114",
          lock: "/var/lib/dpkg/lock-frontend",
        },
      },
      offered: ["cancel", "reset"],
      overdue: {
        since: secondsAgo(40),
        cause: {
          kind: "agent",
          step: "install",
          message: "the agent has said nothing about it since its deadline",
          hint: "Look at the machine, or cancel it.",
          evidence: { deadlineSeconds: "30" },
        },
      },
      stateSince: secondsAgo(71),
    }),
    ...["firewall", "first-boot"].map((name) =>
      installation({
        ...(name === "firewall" ? FIREWALL : {}),
        machine: "web1",
        name,
        state: "waiting-machine",
        healthy: false,
        runningVersion: null,
        appliedSequence: -1,
        exitCode: null,
        cause: {
          kind: "machine-offline",
          step: "plan",
          message: "machine web1 has not connected yet",
          hint: "nothing is lost: it goes on when the machine connects",
          evidence: {},
        },
        stateSince: secondsAgo(94),
      }),
    ),
    installation({
      ...FIREWALL,
      machine: "db1",
      name: "firewall",
      settings: { defaultInbound: "drop" },
      stateSince: secondsAgo(86_400),
    }),
  ];
}

/** What machine demo had. */
export function startingRemovals() {
  return [
    {
      machine: "demo",
      name: "metrics",
      extension: "vmext.CustomScript",
      version: "1.0.0.1",
      at: secondsAgo(5_000),
      how: "uninstalled",
      report: {
        gone: [
          { kind: "file", name: "/etc/metrics.conf" },
          { kind: "unit", name: "metrics.service" },
        ],
        kept: [{ kind: "folder", name: "/var/lib/metrics" }],
        left: [{ kind: "user", name: "metrics" }],
        more: 0,
      },
    },
  ];
}
