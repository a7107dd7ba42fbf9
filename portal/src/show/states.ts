/** What a state means for the reader: fine, at work, waiting, look at it, broken, or not there. */
export type Tone = "ok" | "busy" | "wait" | "warn" | "bad" | "off";

export interface Shown {
  label: string;
  tone: Tone;
  /** One sentence for those who do not know the word. */
  meaning: string;
}

const MACHINES: Record<string, Shown> = {
  expected: { label: "Expected", tone: "wait", meaning: "Known here, has never connected." },
  provisioning: { label: "Provisioning", tone: "busy", meaning: "Its provider is making it." },
  online: { label: "Online", tone: "ok", meaning: "Its agent is connected." },
  offline: { label: "Offline", tone: "off", meaning: "Its agent is not connected. Changes wait for it." },
  deleting: { label: "Deleting", tone: "busy", meaning: "It is being removed." },
};

const INSTALLATIONS: Record<string, Shown> = {
  "waiting-machine": {
    label: "Waiting for machine",
    tone: "wait",
    meaning: "The machine has not taken the order yet. Nothing is lost; no deadline runs.",
  },
  pending: { label: "Pending", tone: "wait", meaning: "The machine has the order and will come to it." },
  "waiting-package": {
    label: "Fetching package",
    tone: "busy",
    meaning: "The machine downloads and checks the package.",
  },
  "waiting-lease": {
    label: "Waiting for lock",
    tone: "wait",
    meaning: "Something else on the machine holds what this needs, usually the package manager.",
  },
  blocked: { label: "Blocked", tone: "warn", meaning: "It cannot go on until its cause is removed." },
  installing: { label: "Installing", tone: "busy", meaning: "The handler's install command runs." },
  enabling: { label: "Enabling", tone: "busy", meaning: "The handler takes the settings and starts." },
  ready: { label: "Ready", tone: "ok", meaning: "It does its work with the settings wanted." },
  updating: { label: "Updating", tone: "busy", meaning: "Another version takes over." },
  returned: { label: "Returned", tone: "warn", meaning: "An update failed; the old version runs again." },
  disabling: { label: "Disabling", tone: "busy", meaning: "The handler's disable command runs." },
  removing: { label: "Removing", tone: "busy", meaning: "The handler's uninstall command runs." },
  removed: { label: "Removed", tone: "off", meaning: "It is gone from the machine." },
  failed: { label: "Failed", tone: "bad", meaning: "It ended with an error. Its cause says why." },
  "timed-out": { label: "Timed out", tone: "bad", meaning: "It did not finish before its deadline." },
};

const STATUS: Record<string, Tone> = { success: "ok", transitioning: "busy", warning: "warn", error: "bad" };

const VERSIONS: Record<string, Shown> = {
  active: { label: "Active", tone: "ok", meaning: "It may be installed." },
  deprecated: {
    label: "Deprecated",
    tone: "warn",
    meaning: "Its publisher advises against it. It is installed only when asked for by its exact number.",
  },
  insecure: {
    label: "Insecure",
    tone: "bad",
    meaning: "It has a known weakness. Machines that run it keep it, no machine gets it any more.",
  },
  withdrawn: {
    label: "Withdrawn",
    tone: "off",
    meaning: "It was taken back. Machines that run it keep it, no machine gets it any more.",
  },
};

function unknown(word: string): Shown {
  return { label: word || "Unknown", tone: "wait", meaning: "A word of a newer control plane." };
}

export function machineState(state: string): Shown {
  return MACHINES[state] ?? unknown(state);
}

/** A ready installation whose handler or probe complains is not fine, whatever its state says. */
export function installationState(installation: { state: string; healthy: boolean; kind: string }): Shown {
  const shown = INSTALLATIONS[installation.state] ?? unknown(installation.state);
  if (installation.state !== "ready") {
    return shown;
  }
  if (!installation.healthy) {
    return { label: "Ready, unhealthy", tone: "warn", meaning: "It is in place, but its status or a probe complains." };
  }
  return installation.kind === "one-shot"
    ? { label: "Done", tone: "ok", meaning: "It ran once for these settings and succeeded." }
    : { ...shown, label: "Healthy" };
}

export function statusTone(status: string): Tone {
  return STATUS[status] ?? "wait";
}

export function versionState(state: string): Shown {
  return VERSIONS[state] ?? unknown(state);
}

const CAUSES: Record<string, string> = {
  "machine-offline": "The machine is offline",
  package: "The package is the problem",
  signature: "The signature is not valid",
  trust: "The machine's owner does not allow it",
  network: "The network is the problem",
  dns: "A name cannot be resolved",
  disk: "The disk is the problem",
  memory: "Not enough memory",
  permission: "A permission is missing",
  lock: "Something else holds a lock",
  dependency: "A dependency is not there",
  timeout: "It took too long",
  "handler-exit": "The handler ended with an error",
  "handler-crash": "The handler crashed",
  "handler-status": "The handler reports an error",
  probe: "A health probe fails",
  settings: "The settings are the problem",
  "status-malformed": "The handler's status cannot be read",
  "killed-by-budget": "It used more than its budget",
  "reboot-pending": "The machine must restart first",
  platform: "It does not run on this platform",
  agent: "The agent itself is at fault",
};

export function causeTitle(kind: string): string {
  return CAUSES[kind] ?? kind;
}

/** Waiting is no error: its box is calm. */
export function causeTone(state: string): Tone {
  const tone = INSTALLATIONS[state]?.tone ?? "warn";
  return tone === "ok" ? "warn" : tone === "off" ? "wait" : tone;
}
