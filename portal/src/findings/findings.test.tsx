import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { findingQuery, NO_FILTER } from "../api/findings";
import type { FindingView } from "../api/watchTypes";
import { draw, words } from "../show/render";
import { FindingCard } from "./FindingCard";
import { filterOf, queryOf } from "./FindingsPage";
import { counted, foundBy } from "./findingWords";

function finding(given: Partial<FindingView> = {}): FindingView {
  return {
    id: "f1",
    project: "default",
    machine: "demo",
    source: "machine",
    installation: "antivirus",
    extension: "vmext.Antivirus",
    type: "malware-found",
    subject: "/home/a/<b>eicar</b>.com",
    severity: "high",
    state: "open",
    since: "2026-03-01T11:00:00Z",
    title: "Eicar-Test-Signature",
    evidence: { signature: "Eicar", quarantinedAs: "/var/lib/q/1" },
    firstSeen: "2026-03-01T11:00:00Z",
    lastSeen: "2026-03-01T11:50:00Z",
    count: 3,
    acknowledgedBy: null,
    acknowledgedAt: null,
    note: null,
    resolution: null,
    ...given,
  };
}

function card(given: Partial<FindingView>, permissions?: string[]) {
  return draw(
    <MemoryRouter>
      <FindingCard finding={finding(given)} openAtFirst />
    </MemoryRouter>,
    permissions,
  );
}

test("a finding is told with all that is known of it, only as text", () => {
  const html = card({});
  expect(html).not.toContain("<b>eicar");
  const text = words(html);
  expect(text).toContain("Eicar-Test-Signature High demo · Malware found · antivirus (vmext.Antivirus) · 10 min ago");
  expect(text).toContain("Signature Eicar Quarantined as /var/lib/q/1");
  expect(text).toContain("First seen 1 h ago Last seen 10 min ago , seen 3 times");
});

test("only who may is offered to acknowledge, and only what is open", () => {
  const button = 'aria-label="Acknowledge Eicar-Test-Signature"';
  expect(card({}, ["read", "finding-write"])).toContain(button);
  expect(card({}, ["read"])).not.toContain(button);
  expect(card({ state: "resolved" }, ["finding-write"])).not.toContain(button);
});

test("who knows of it and why it is over are told", () => {
  const known = { acknowledgedBy: "ada", acknowledgedAt: "2026-03-01T11:58:00Z", note: "we know" };
  expect(words(card({ state: "acknowledged", ...known }))).toContain("Acknowledged by ada we know ( 2 min ago )");
  const over = words(card({ state: "resolved", resolution: "aged", ...known }));
  expect(over).toContain("Acknowledged by ada, before");
  expect(over).toContain("Resolved 1 h ago : it was not seen again for a long time");
});

test("who found it", () => {
  expect(foundBy(finding({ installation: "" }))).toBe("vmext.Antivirus");
  expect(foundBy(finding({ installation: "", extension: "", source: "control-plane" }))).toBe("the control plane");
});

test("the address says what is shown, and open is what it says without a word", () => {
  expect(filterOf(new URLSearchParams())).toEqual({ ...NO_FILTER, state: "open" });
  const filter = { machine: "a b", extension: "", type: "x", severity: "high", state: "" };
  expect(filterOf(queryOf(filter))).toEqual(filter);
  expect(queryOf({ ...NO_FILTER, state: "open" }).toString()).toBe("");
});

test("only what is chosen is asked", () => {
  expect(findingQuery({ ...NO_FILTER, machine: "a&b", state: "open" }, 50)).toBe(
    "/v1/projects/default/findings?machine=a%26b&state=open&limit=50",
  );
  expect(findingQuery(NO_FILTER, 50, "x=")).toBe("/v1/projects/default/findings?limit=50&after=x%3D");
});

test("more than were counted is said so", () => {
  expect(counted({ items: [1, 2], next: null })).toBe("2");
  expect(counted({ items: Array(100).fill(1), next: "more" })).toBe("99+");
});
