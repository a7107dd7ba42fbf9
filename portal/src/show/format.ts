const UNITS: [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** 75 -> "1 min 15 s"; two units at most. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const index = UNITS.findIndex(([, size]) => whole >= size);
  const first = UNITS[index < 0 ? UNITS.length - 1 : index];
  if (!first) {
    return "0 s";
  }
  const amount = Math.floor(whole / first[1]);
  const second = UNITS[index + 1];
  const rest = second && index >= 0 ? Math.floor((whole - amount * first[1]) / second[1]) : 0;
  return rest > 0 && second ? `${amount} ${first[0]} ${rest} ${second[0]}` : `${amount} ${first[0]}`;
}

/** How long ago, in one unit, as a person would say it. */
export function ago(then: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(then)) / 1000);
  if (!Number.isFinite(seconds)) {
    return "";
  }
  if (seconds < 5) {
    return "just now";
  }
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[1])} ${unit[0]} ago` : "just now";
}

export function bytes(size: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function memory(mebibytes: number): string {
  return bytes(mebibytes * 1024 * 1024);
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** The beginning of a long key or digest, enough to tell two apart by eye. */
export function shortened(text: string, length: number): string {
  return text.length > length + 1 ? `${text.slice(0, length)}…` : text;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Facts = Record<string, string>;

/** "Debian 12 · amd64", empty before the agent has told anything. */
export function system(facts: Facts): string {
  const name = facts.distro ?? facts.os ?? "";
  const release = [capitalize(name), facts.osVersion].filter(Boolean).join(" ");
  return [release, facts.arch].filter(Boolean).join(" · ");
}

const POWER: Record<string, string> = { running: "on", stopped: "off", absent: "not made yet", unknown: "not known" };

export function powerText(power: string): string {
  return POWER[power] ?? power;
}

/** The words by which the catalog is asked what fits the machine; undefined while they are not known. */
export function platformWords(facts: Facts): string | undefined {
  return [facts.os, facts.distro, facts.osVersion, facts.arch].filter(Boolean).join(" ") || undefined;
}

const FACT_NAMES: Record<string, string> = {
  os: "System",
  distro: "Distribution",
  osVersion: "Release",
  arch: "Architecture",
  hostname: "Host name",
  kernel: "Kernel",
  agentVersion: "Agent",
  trustMode: "Trust mode",
  machineId: "System id",
  bootId: "Boot",
  "service.instance.id": "Agent's installation",
  systemd: "systemd",
  virtualization: "Virtualization",
};

/** agentVersion -> Agent; unknown ones as words: cgroupVersion -> Cgroup version. */
export function factName(key: string): string {
  const known = FACT_NAMES[key];
  if (known !== undefined || key.includes(".")) {
    return known ?? key;
  }
  return capitalize(key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase());
}

/** The first free of base, base-2, base-3 ... */
export function freeName(base: string, taken: readonly string[]): string {
  let name = base;
  for (let number = 2; taken.includes(name); number++) {
    name = `${base}-${number}`;
  }
  return name;
}

/** vmext.CustomScript -> custom-script */
export function suggestName(extension: string): string {
  const type = extension.slice(extension.indexOf(".") + 1);
  return type
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}

/** What was asked for as version; the API says * for the newest. */
export function askedVersion(constraint: string): string {
  return constraint === "*" ? "" : constraint;
}

export const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The code of a sign-in link, from the link, its fragment, or the bare code. */
export function signInCode(text: string): string {
  const trimmed = text.trim();
  const hash = trimmed.indexOf("#");
  return hash < 0 ? trimmed : trimmed.slice(hash + 1);
}
