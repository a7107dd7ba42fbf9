import { describe, expect, test } from "vitest";
import {
  ago,
  askedVersion,
  bytes,
  count,
  duration,
  factName,
  freeName,
  NAME,
  platformWords,
  shortened,
  signInCode,
  suggestName,
  system,
} from "./format";

describe("durations", () => {
  test.each([
    [0, "0 s"],
    [59.9, "59 s"],
    [60, "1 min"],
    [75, "1 min 15 s"],
    [3_600, "1 h"],
    [3_725, "1 h 2 min"],
    [90_000, "1 d 1 h"],
    [-5, "0 s"],
  ])("%d seconds read %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("how long ago", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  test.each([
    ["2026-11-23T11:59:58Z", "just now"],
    ["2026-11-23T12:00:30Z", "just now"],
    ["2026-11-23T11:59:18Z", "42 s ago"],
    ["2026-11-23T10:01:00Z", "1 h ago"],
    ["2026-11-20T12:00:00Z", "3 d ago"],
    ["nonsense", ""],
  ])("%s reads %s", (then, text) => expect(ago(then, now)).toBe(text));
});

test("sizes use binary units", () => {
  expect(bytes(0)).toBe("0 B");
  expect(bytes(1_023)).toBe("1023 B");
  expect(bytes(48_211)).toBe("47.1 KiB");
  expect(bytes(1_073_741_824)).toBe("1.0 GiB");
});

test("one is not many", () => {
  expect(count(1, "machine")).toBe("1 machine");
  expect(count(0, "machine")).toBe("0 machines");
});

describe("machine facts", () => {
  const facts = { os: "linux", distro: "debian", osVersion: "12", arch: "amd64" };
  test("make one line", () => expect(system(facts)).toBe("Debian 12 · amd64"));
  test("make nothing before the agent told them", () => expect(system({})).toBe(""));
  test("ask the catalog", () => expect(platformWords(facts)).toBe("linux debian 12 amd64"));
  test("ask nothing while unknown", () => expect(platformWords({})).toBeUndefined());
  test("get a readable name even when new", () => {
    expect(factName("agentVersion")).toBe("Agent");
    expect(factName("cgroupVersion")).toBe("Cgroup version");
  });
});

describe("names of installations", () => {
  test("come from the extension's type", () => {
    expect(suggestName("vmext.CustomScript")).toBe("custom-script");
    expect(suggestName("Microsoft.Azure.Monitor")).toBe("azure-monitor");
  });
  test("avoid those that are taken", () => {
    expect(freeName("firewall", [])).toBe("firewall");
    expect(freeName("firewall", ["firewall", "firewall-2"])).toBe("firewall-3");
  });
  test("fit the server's rule", () => {
    expect(NAME.test(suggestName("a.B--C_d"))).toBe(true);
    expect(NAME.test("-x")).toBe(false);
    expect(NAME.test("")).toBe(false);
  });
});

test("the newest version is asked for by no name", () => {
  expect(askedVersion("*")).toBe("");
  expect(askedVersion("1.0")).toBe("1.0");
});

test("long keys are shortened, short ones are not", () => {
  expect(shortened("54cb754353503b84f7dc240e", 16)).toBe("54cb754353503b84…");
  expect(shortened("vmext-2026-1", 16)).toBe("vmext-2026-1");
});

test("a sign-in code is found in a link and alone", () => {
  expect(signInCode(" http://127.0.0.1:7440/sign-in#abc-123 ")).toBe("abc-123");
  expect(signInCode("abc-123")).toBe("abc-123");
});
