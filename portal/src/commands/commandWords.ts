import type { CommandState, CommandView } from "../api/types";
import type { Shown } from "../show/states";

const OPEN: CommandState[] = ["waiting-machine", "running"];

/** Whether nothing will change about it any more. */
export function over(state: CommandState): boolean {
  return !OPEN.includes(state);
}

/**
 * What runs a script: the program its first line names, when that is one plain path; with an argument in it, the machine itself must
 * read that line, so env begins the script as a program. Undefined for the shell.
 */
export function interpreterOf(script: string): string | undefined {
  const line = script.startsWith("#!/") ? (script.split("\n", 1)[0] ?? "").slice(2).trim() : "";
  if (line === "") {
    return undefined;
  }
  return /\s/.test(line) ? "/usr/bin/env" : line;
}

/** A command as a chip: an exit code other than 0 is an end like any other, and worth a look. */
export function commandState(command: Pick<CommandView, "state" | "exitCode" | "cancelling">): Shown {
  if (command.cancelling && !over(command.state)) {
    return { label: "Stopping", tone: "busy", meaning: "The machine was asked to stop it." };
  }
  switch (command.state) {
    case "waiting-machine":
      return { label: "Waiting for machine", tone: "wait", meaning: "The machine has not taken it yet." };
    case "running":
      return { label: "Running", tone: "busy", meaning: "It runs on the machine." };
    case "exited":
      return command.exitCode === 0
        ? { label: "Exit code 0", tone: "ok", meaning: "It ended, and says that all is well." }
        : {
            label: `Exit code ${command.exitCode}`,
            tone: "warn",
            meaning: "It ended, and says that something is not.",
          };
    case "cancelled":
      return { label: "Cancelled", tone: "off", meaning: "Somebody stopped it." };
    case "timed-out":
      return { label: "Timed out", tone: "bad", meaning: "It was stopped at its deadline." };
    case "interrupted":
      return { label: "Interrupted", tone: "bad", meaning: "It broke off; it is not run again by itself." };
    case "refused":
      return { label: "Refused", tone: "bad", meaning: "The machine does not run it." };
    case "expired":
      return { label: "Expired", tone: "off", meaning: "The machine did not take it in time." };
    default:
      return { label: String(command.state), tone: "wait", meaning: "A word of a newer control plane." };
  }
}
