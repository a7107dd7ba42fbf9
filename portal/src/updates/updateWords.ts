import type { UpdateFigures } from "../api/updates";
import type { Shown } from "../show/states";

/** One machine, as its metrics tell it; null is what is not known. */
export interface UpdateLine {
  machine: string;
  compliance: "compliant" | "overdue" | "unknown";
  security: number | null;
  other: number | null;
  overdue: number | null;
  restart: boolean | null;
  assessedAt: string | null;
}

const ORDER: UpdateLine["compliance"][] = ["overdue", "unknown", "compliant"];

/** One line for each machine, those first that somebody should look at. */
export function updateLines(machines: string[], figures: UpdateFigures): UpdateLine[] {
  return machines
    .map((machine): UpdateLine => {
      const complies = figures.compliant.get(machine);
      const restart = figures.restart.get(machine);
      const assessed = figures.assessed.get(machine);
      const overdue = [figures.overdueSecurity.get(machine), figures.overdueOther.get(machine)];
      return {
        machine,
        compliance: complies === undefined ? "unknown" : complies > 0 ? "compliant" : "overdue",
        security: figures.security.get(machine) ?? null,
        other: figures.other.get(machine) ?? null,
        overdue: overdue[0] === undefined || overdue[1] === undefined ? null : Math.round(overdue[0] + overdue[1]),
        restart: restart === undefined ? null : restart > 0,
        assessedAt: assessed ? new Date(assessed * 1000).toISOString() : null,
      };
    })
    .toSorted(
      (a, b) => ORDER.indexOf(a.compliance) - ORDER.indexOf(b.compliance) || a.machine.localeCompare(b.machine),
    );
}

const COMPLIANCE: Record<UpdateLine["compliance"], Shown> = {
  compliant: { label: "Compliant", tone: "ok", meaning: "The last look worked and no update is overdue." },
  overdue: {
    label: "Overdue",
    tone: "bad",
    meaning: "Updates are missing for longer than may be, or the last look failed.",
  },
  unknown: { label: "Unknown", tone: "wait", meaning: "It told nothing about its updates for a day." },
};

export function complianceShown(line: UpdateLine): Shown {
  return COMPLIANCE[line.compliance];
}

/** A package that lacks an update, as vmext.Updates lists it. */
export interface MissingUpdate {
  kind: string;
  name: string;
  installed: string;
  offered: string;
  since: string;
  plan: string;
}

const PLANS: Record<string, string> = {
  install: "next window",
  class: "class not chosen",
  excluded: "excluded",
  "not-included": "not included",
};

/** Lines of "class name installed new since plan"; what is no such line is told as it is. */
export function missingUpdates(text: string): { updates: MissingUpdate[]; rest: string[] } {
  const updates: MissingUpdate[] = [];
  const rest: string[] = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    const [kind, name, installed, offered, since, plan, ...more] = line.split(" ");
    if (kind && name && installed && offered && since && plan && more.length === 0 && isKind(kind)) {
      updates.push({ kind, name, installed, offered, since, plan: PLANS[plan] ?? plan });
    } else if (line && line !== "none") {
      rest.push(line);
    }
  }
  return { updates, rest };
}

function isKind(word: string): boolean {
  return word === "security" || word === "other";
}
