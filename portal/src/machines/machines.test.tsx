import { expect, test } from "vitest";
import type { MachineView, RemovedView, UnmanagedView } from "../api/types";
import { draw, NOW, words } from "../show/render";
import { RemovalList } from "./Removals";
import { Unmanaged } from "./Unmanaged";

function machine(unmanaged: UnmanagedView[]): MachineView {
  return {
    id: "1",
    name: "demo",
    project: "default",
    provider: "qemu",
    state: "online",
    power: "running",
    message: null,
    progress: null,
    problem: null,
    labels: {},
    facts: {},
    cpus: 1,
    memoryMiB: 512,
    diskGiB: 8,
    goalGeneration: 1,
    appliedGeneration: 1,
    installations: 0,
    healthyInstallations: 0,
    createdAt: NOW,
    enrolledAt: NOW,
    lastSeen: NOW,
    unmanaged,
  };
}

const LEFT: UnmanagedView = {
  name: "old",
  extension: "vmext.Firewall",
  version: null,
  state: "ready",
  at: "2026-03-01T11:00:00Z",
  reported: false,
};

test("what is unmanaged is listed with what that means", () => {
  const text = words(draw(<Unmanaged machine={machine([LEFT])} />));
  expect(text).toContain("although nobody wants it here");
  expect(text).toContain("vmext.Firewall (version not known) · may still be there");
  expect(text).not.toContain("Healthy");
  expect(words(draw(<Unmanaged machine={machine([{ ...LEFT, reported: true, version: "1.0.0.0" }])} />))).toContain(
    "vmext.Firewall 1.0.0.0 · reported by the machine 1 h ago",
  );
});

test("it is removed only by those who may", () => {
  expect(draw(<Unmanaged machine={machine([LEFT])} />)).toContain('aria-label="Remove old"');
  expect(draw(<Unmanaged machine={machine([LEFT])} />, ["read"])).not.toContain('aria-label="Remove old"');
});

test("a machine without anything unmanaged or removed says nothing", () => {
  expect(draw(<Unmanaged machine={machine([])} />)).not.toContain("section");
  expect(draw(<RemovalList removals={[]} machine="demo" />)).not.toContain("section");
});

test("the last removals, with their reports or why there is none", () => {
  const removals: RemovedView[] = Array.from({ length: 7 }, (_, index) => ({
    machine: "demo",
    name: `gone-${index}`,
    extension: "vmext.CustomScript",
    version: "1.0.0.1",
    at: "2026-03-01T11:00:00Z",
    how: index === 1 ? "forgotten" : "uninstalled",
    report: index === 0 ? { gone: [{ kind: "file", name: "/etc/a" }], kept: [], left: [], more: 0 } : null,
  }));
  const html = draw(<RemovalList removals={removals} machine="demo" />);
  expect(html.match(/data-removed=/g)).toHaveLength(5);
  const text = words(html);
  expect(text).toContain("vmext.CustomScript 1.0.0.1 · uninstalled 1 h ago 1 gone, 0 kept as declared, 0 left behind");
  expect(text).toContain("record forgotten 1 h ago Only the record was dropped");
  expect(text).toContain("Its agent made no report.");
  expect(text).toContain("2 older: vmext machine removals demo");
});
