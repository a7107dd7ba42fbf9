import { describe, expect, test } from "vitest";
import { causeTitle, causeTone, installationState, machineState, statusTone, versionState } from "./states";

const INSTALLATION_STATES =
  "waiting-machine pending waiting-package waiting-lease blocked installing enabling ready updating returned disabling removing removed failed timed-out";

describe("states of installations", () => {
  test.each(INSTALLATION_STATES.split(" "))("%s has words of its own", (state) => {
    const shown = installationState({ state, healthy: true, kind: "continuous" });
    expect(shown.label).not.toBe(state);
    expect(shown.meaning).not.toContain("newer control plane");
  });
  test("ready and healthy is green", () => {
    expect(installationState({ state: "ready", healthy: true, kind: "continuous" })).toMatchObject({
      label: "Healthy",
      tone: "ok",
    });
  });
  test("ready with a complaint is never green", () => {
    expect(installationState({ state: "ready", healthy: false, kind: "continuous" }).tone).toBe("warn");
  });
  test("a one-shot that succeeded is done", () => {
    expect(installationState({ state: "ready", healthy: true, kind: "one-shot" }).label).toBe("Done");
  });
  test("a word of a newer server is shown as it is", () => {
    expect(installationState({ state: "paused", healthy: false, kind: "continuous" }).label).toBe("paused");
  });
});

test("all states of machines have words", () => {
  for (const state of ["expected", "provisioning", "online", "offline", "deleting"]) {
    expect(machineState(state).meaning).not.toContain("newer control plane");
  }
});

test("all states of versions have words", () => {
  for (const state of ["active", "deprecated", "insecure", "withdrawn"]) {
    expect(versionState(state).meaning).not.toContain("newer control plane");
  }
  expect(versionState("insecure").tone).toBe("bad");
});

test("waiting is no error", () => {
  expect(causeTone("waiting-machine")).toBe("wait");
  expect(causeTone("waiting-lease")).toBe("wait");
  expect(causeTone("failed")).toBe("bad");
  expect(causeTone("ready")).toBe("warn");
});

test("a cause of a newer agent is shown as it is", () => {
  expect(causeTitle("handler-exit")).toBe("The handler ended with an error");
  expect(causeTitle("cosmic-ray")).toBe("cosmic-ray");
});

test("a handler's words have tones", () => {
  expect(["success", "transitioning", "warning", "error", "?"].map(statusTone)).toEqual([
    "ok",
    "busy",
    "warn",
    "bad",
    "wait",
  ]);
});
