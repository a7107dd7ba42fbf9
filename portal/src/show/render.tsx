import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { createQueryClient, keys } from "../api/queries";
import type { InstallationView } from "../api/types";
import { NowContext } from "./Time";

/** For tests: the time at which components are drawn by {@link draw}. */
export const NOW = "2026-03-01T12:00:00Z";

/** For tests: the HTML of a component, drawn once for somebody with these permissions, at {@link NOW}. */
export function draw(node: ReactNode, permissions: string[] = ["read", "installation-write"]): string {
  const client = createQueryClient();
  client.setQueryData(keys.session, { subject: "ada", permissions });
  return renderToStaticMarkup(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <NowContext value={Date.parse(NOW)}>{node}</NowContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

/** For tests: what a reader sees of some HTML, on one line. */
export function words(html: string): string {
  return html
    .replace(/<style[^>]*>.*?<\/style>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#x27;", "'")
    .replace(/\s+/g, " ")
    .trim();
}

/** For tests: a healthy installation, with what is different. */
export function installation(given: Partial<InstallationView> = {}): InstallationView {
  return {
    machine: "demo",
    name: "firewall",
    extension: "vmext.Firewall",
    constraint: "*",
    version: "2.0.0.0",
    runningVersion: "2.0.0.0",
    category: "security",
    kind: "continuous",
    state: "ready",
    healthy: true,
    cause: null,
    status: null,
    output: "",
    exitCode: null,
    attempt: 1,
    settings: {},
    protectedKeys: [],
    after: [],
    sequence: 0,
    appliedSequence: 0,
    removing: false,
    createdAt: NOW,
    changedAt: NOW,
    stateSince: NOW,
    order: null,
    offered: [],
    attempted: null,
    usage: null,
    removal: null,
    versionState: "active",
    expiresAt: null,
    overdue: null,
    deadlines: {},
    ...given,
  };
}
