import type { FindingView } from "../api/watchTypes";
import type { Shown, Tone } from "../show/states";

/** From the mildest to the worst. */
export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;

const SEVERITY: Record<string, Shown> = {
  info: { label: "Info", tone: "off", meaning: "Good to know; nothing has to be done." },
  low: { label: "Low", tone: "wait", meaning: "Look at it when there is time." },
  medium: { label: "Medium", tone: "warn", meaning: "Look at it today." },
  high: { label: "High", tone: "bad", meaning: "Look at it now." },
  critical: { label: "Critical", tone: "bad", meaning: "Something is broken or attacked at this moment." },
};

const STATE: Record<string, Shown> = {
  open: { label: "Open", tone: "warn", meaning: "Nobody has said yet that they know of it." },
  acknowledged: {
    label: "Acknowledged",
    tone: "busy",
    meaning: "Somebody knows of it. It opens again when it gets worse.",
  },
  resolved: { label: "Resolved", tone: "ok", meaning: "It is not so any more. It is kept for 30 days." },
};

const RESOLUTION: Record<string, string> = {
  reported: "what found it says that it is over",
  aged: "it was not seen again for a long time",
  "installation-removed": "the installation that found it was removed",
  "machine-removed": "its machine was removed",
};

const SOURCE: Record<string, string> = {
  machine: "the machine's agent",
  alert: "an alert rule",
  "control-plane": "the control plane",
};

function unknown(word: string): Shown {
  return { label: word || "Unknown", tone: "wait", meaning: "A word of a newer control plane." };
}

export function severity(word: string): Shown {
  return SEVERITY[word] ?? unknown(word);
}

export function severityTone(word: string): Tone {
  return severity(word).tone;
}

export function findingState(word: string): Shown {
  return STATE[word] ?? unknown(word);
}

export function resolutionText(word: string): string {
  return RESOLUTION[word] ?? word;
}

/** Who found it: the extension, where there is one. */
export function foundBy(finding: FindingView): string {
  if (!finding.extension) {
    return SOURCE[finding.source] ?? finding.source;
  }
  return finding.installation && finding.installation !== finding.extension
    ? `${finding.installation} (${finding.extension})`
    : finding.extension;
}

/** How many, or that it is more than were counted. */
export function counted(page: { items: unknown[]; next: string | null }): string {
  return page.next === null ? String(page.items.length) : `${Math.max(1, page.items.length - 1)}+`;
}

/** malware-found -> Malware found */
export function typeText(type: string): string {
  const words = type.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
