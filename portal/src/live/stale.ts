import type { QueryKey } from "@tanstack/react-query";
import { keys, PROJECT } from "../api/queries";
import type { ChangeEvent } from "../api/types";

/** Which answers one change makes stale. */
export function staleAfter(event: ChangeEvent): QueryKey[] {
  if (event.kind === "extension") {
    return [keys.extensions];
  }
  if (event.project !== PROJECT) {
    return [];
  }
  switch (event.kind) {
    case "machine":
    case "installation":
      // A machine counts its installations, and remembers those that went, also those that nobody managed.
      return [
        keys.machines,
        keys.machine(event.machine),
        keys.installations(event.machine),
        keys.removals(event.machine),
      ];
    case "snapshot":
      return [keys.snapshots(event.machine)];
    case "command":
      return [keys.commands(event.machine)];
    case "finding":
      // An alert that begins or ends is a finding too.
      return [keys.findings, keys.alerts];
    case "repository":
      return [keys.repositories];
    case "alert-rule":
      return [keys.alertRules, keys.alerts];
    case "silence":
      return [keys.silences, keys.alerts];
    case "webhook":
      return [keys.webhooks];
    default:
      return [];
  }
}

/**
 * Gathers stale answers and refreshes them together. A refresh is never cut off by the next one: under a storm of changes each answer
 * would be thrown away and the page would stand still.
 */
export class Refresher {
  private readonly pending = new Map<string, QueryKey>();
  private running = false;
  private readonly refresh: (stale: QueryKey[]) => Promise<unknown>;
  private readonly pause: () => Promise<void>;

  constructor(refresh: (stale: QueryKey[]) => Promise<unknown>, pause: () => Promise<void>) {
    this.refresh = refresh;
    this.pause = pause;
  }

  add(stale: QueryKey[]): void {
    for (const key of stale) {
      this.pending.set(JSON.stringify(key), key);
    }
    if (!this.running && this.pending.size > 0) {
      this.running = true;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    try {
      while (this.pending.size > 0) {
        await this.pause();
        const batch = [...this.pending.values()];
        this.pending.clear();
        await this.refresh(batch).catch(() => undefined);
      }
    } finally {
      this.running = false;
    }
  }
}
