import { expect, test } from "vitest";
import type { WebhookView } from "../api/watchTypes";
import { draw, words } from "../show/render";
import { isSecret, newSecret } from "./secret";
import { WebhookCard } from "./WebhookCard";

const WEBHOOK: WebhookView = {
  name: "pager",
  project: "default",
  url: "https://pager.example.com/in",
  events: ["finding.opened", "finding.worsened"],
  types: ["malware-found"],
  severity: "high",
  createdBy: "ada",
  createdAt: "2026-03-01T11:00:00Z",
  waiting: 2,
  lost: 1,
  lastDelivered: null,
  failingSince: "2026-03-01T11:30:00Z",
  retryAt: null,
  lastError: "HTTP 503",
};

test("a webhook says what it sends and how its receiver is", () => {
  const text = words(draw(<WebhookCard webhook={WEBHOOK} onDelete={() => {}} />));
  expect(text).toContain("pager Failing https://pager.example.com/in");
  expect(text).toContain("findings of type malware-found, high or worse: opened, worsened");
  expect(text).toContain("2 messages waiting, 1 given up");
  expect(text).toContain("HTTP 503 (since 30 min ago )");
});

test("one that lets everything through says so", () => {
  const all = { ...WEBHOOK, events: [], types: [], severity: "info", failingSince: null, waiting: 0, lost: 0 };
  const text = words(draw(<WebhookCard webhook={all} onDelete={() => {}} />));
  expect(text).toContain("Nothing sent yet");
  expect(text).toContain("findings: all events Last taken never");
  expect(text).not.toContain("given up");
});

test("new secrets are taken by the API and differ", () => {
  expect(isSecret(newSecret())).toBe(true);
  expect(newSecret()).not.toBe(newSecret());
  expect(newSecret((bytes) => bytes.fill(0))).toBe(`whsec_${"A".repeat(43)}=`);
});

test.each(["", "whsec_", "whsec_short", `${"A".repeat(44)}`, `whsec_${"A".repeat(400)}`, "whsec_ÄÄÄ"])(
  "%j is no secret",
  (text) => {
    expect(isSecret(text)).toBe(false);
  },
);
