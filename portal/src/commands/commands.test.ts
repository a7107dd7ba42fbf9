import { describe, expect, it } from "vitest";
import { commandState, interpreterOf, over } from "./commandWords";

const command = { exitCode: null, cancelling: false };

describe("commandState", () => {
  it("tells an end that is well from one that is not", () => {
    expect(commandState({ ...command, state: "exited", exitCode: 0 }).tone).toBe("ok");
    expect(commandState({ ...command, state: "exited", exitCode: 3 })).toMatchObject({
      label: "Exit code 3",
      tone: "warn",
    });
  });

  it("says that it is being stopped only while it runs", () => {
    expect(commandState({ ...command, state: "running", cancelling: true }).label).toBe("Stopping");
    expect(commandState({ ...command, state: "cancelled", cancelling: true }).label).toBe("Cancelled");
  });
});

describe("interpreterOf", () => {
  it("is what the first line says", () => {
    expect(interpreterOf("df -h")).toBeUndefined();
    expect(interpreterOf("#!/bin/bash\nls")).toBe("/bin/bash");
    expect(interpreterOf("#!/usr/bin/env python3\nprint(1)")).toBe("/usr/bin/env");
  });
});

describe("over", () => {
  it("is true of every end", () => {
    expect(over("running")).toBe(false);
    expect(over("waiting-machine")).toBe(false);
    for (const state of ["exited", "cancelled", "timed-out", "interrupted", "refused", "expired"] as const) {
      expect(over(state)).toBe(true);
    }
  });
});
