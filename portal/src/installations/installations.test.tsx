import { describe, expect, test } from "vitest";
import type { CauseView } from "../api/types";
import { draw, installation, words } from "../show/render";
import { Attempted } from "./Attempted";
import { InstallationCard } from "./InstallationCard";
import { Orders } from "./Orders";
import { Overdue } from "./Overdue";
import { ORDERS, offeredOrders, orderProgress } from "./orderWords";
import { Removal } from "./Removal";
import { Usage } from "./Usage";

const CAUSE: CauseView = {
  kind: "handler-exit",
  step: "update",
  message: "update ended with exit code 7",
  hint: "Read the last output.",
  evidence: { exitCode: "7", lastLine: "no space" },
};

function buttons(html: string): string[] {
  return [...html.matchAll(/data-order="([a-z]+)"/g)].map((match) => match[1] ?? "");
}

describe("orders", () => {
  test("only those that are offered have a button, the mildest first", () => {
    expect(buttons(draw(<Orders installation={installation({ offered: ["reset", "retry"] })} may />))).toEqual([
      "retry",
      "reset",
    ]);
    expect(draw(<Orders installation={installation()} may />)).not.toContain("data-order");
  });
  test("nobody without the permission is offered any", () => {
    const offered = installation({ offered: ["reset"] });
    expect(buttons(draw(<Orders installation={offered} may={false} />))).toEqual([]);
  });
  test("an order of a newer server has no button", () => {
    expect(offeredOrders(["pause", "cancel"])).toEqual(["cancel"]);
  });
  test("what ends work or takes something away asks first and says what happens", () => {
    expect(ORDERS.cancel.asks && ORDERS.reset.asks).toBe(true);
    expect(ORDERS.retry.asks || ORDERS.release.asks).toBe(false);
    expect(ORDERS.reset.meaning).toContain("taken away");
    expect(ORDERS.cancel.meaning).toContain("given up");
  });
  test("how far the last one came is told, also to those who may not give any", () => {
    const order = { number: 1, kind: "reset", at: "2026-03-01T11:59:00Z", progress: "waiting-machine" };
    const html = draw(<Orders installation={installation({ order })} may={false} />);
    expect(words(html)).toBe("Order Reset , given 1 min ago : waits until the machine hears of it");
    expect(orderProgress({ ...order, progress: "taken" }).tone).toBe("ok");
    expect(orderProgress({ ...order, progress: "queued" }).text).toBe("queued");
  });
  test("an installation that is being removed can still be given one", () => {
    const hung = installation({ removing: true, state: "removing", offered: ["cancel"] });
    expect(buttons(draw(<InstallationCard installation={hung} openAtFirst may onChange={() => {}} />))).toEqual([
      "cancel",
    ]);
  });
});

test("what runs, what was attempted, why it did not stay and until when it is held", () => {
  const attempted = {
    version: "2.1.0.0",
    cause: CAUSE,
    at: "2026-03-01T11:00:00Z",
    heldUntil: "2026-03-01T14:30:00Z",
  };
  const text = words(draw(<Attempted installation={installation({ attempted })} />));
  expect(text).toContain("Runs 2.0.0.0 Attempted 2.1.0.0, given up 1 h ago");
  expect(text).toContain("for another 2 h 30 min");
  expect(text).toContain("Why 2.1.0.0 did not stay");
  expect(text).toContain("update ended with exit code 7");
  expect(text).toContain("What to do: Read the last output.");
  expect(text).toContain("Step update Exit code 7 Last line no space");
});

test("a cause that the card tells already is not told twice", () => {
  const attempted = { version: "2.1.0.0", cause: CAUSE, at: "2026-03-01T11:00:00Z", heldUntil: null };
  const shown = (cause: CauseView) => {
    const failed = installation({ state: "failed", healthy: false, attempted, cause });
    return words(draw(<InstallationCard installation={failed} openAtFirst={false} may onChange={() => {}} />));
  };
  expect(shown(CAUSE).split(CAUSE.message)).toHaveLength(2);
  expect(shown({ ...CAUSE, message: "the old version could not be started" }).split(CAUSE.message)).toHaveLength(2);
  expect(shown({ ...CAUSE, message: "the old version could not be started" })).toContain("Why 2.1.0.0 did not stay");
});

test("a version that is not held, or no longer, is not said to be", () => {
  const attempted = { version: "2.1.0.0", cause: CAUSE, at: "2026-03-01T11:00:00Z", heldUntil: null };
  expect(draw(<Attempted installation={installation({ attempted })} />)).not.toContain("Held until");
  const over = { ...attempted, heldUntil: "2026-03-01T11:30:00Z" };
  expect(words(draw(<Attempted installation={installation({ attempted: over })} />))).toContain("which has passed");
});

test("overdue is an alert with since when and why", () => {
  const overdue = { since: "2026-03-01T11:50:00Z", cause: { ...CAUSE, kind: "machine-offline" } };
  const html = draw(<Overdue installation={installation({ state: "enabling", overdue })} />);
  expect(html).toContain('role="alert"');
  expect(words(html)).toContain("overdue for 10 min");
  expect(words(html)).toContain("The machine is offline");
});

test("when it is given up is told only while the machine has not taken it", () => {
  const expiresAt = "2026-03-02T12:00:00Z";
  const shown = (state: string) => draw(<Overdue installation={installation({ state, expiresAt })} />);
  expect(shown("waiting-machine")).toContain(`dateTime="${expiresAt}"`);
  expect(shown("ready")).not.toContain(expiresAt);
});

test("usage is in units of people, and an unknown peak is no zero", () => {
  const usage = { budgeted: true, cpuMillis: 12_340, memoryPeakKiB: 2048, tasksPeak: 0, diskKiB: 512 };
  const text = words(draw(<Usage usage={usage} name="firewall" />));
  expect(text).toContain("limits are enforced");
  expect(text).toContain("12.3 s 2.0 MiB not known 512 KiB");
});

test("what was left behind comes first and open", () => {
  const report = {
    gone: [{ kind: "file", name: "/etc/a" }],
    kept: [{ kind: "folder", name: "/var/lib/a" }],
    left: [{ kind: "unit", name: "a.service" }],
    more: 4,
  };
  const html = draw(<Removal report={report} />);
  expect(words(html)).toBe(
    "1 gone, 1 kept as declared, 1 left behind, 4 more not listed" +
      " Left behind, undeclared (1) unit a.service" +
      " Kept, as its package declares (1) folder /var/lib/a Gone (1) file /etc/a",
  );
  expect(html.match(/<details[^>]* open=""/g)).toHaveLength(1);
});

test("a card warns of a version that should not run", () => {
  const card = (versionState: string) =>
    words(
      draw(
        <InstallationCard installation={installation({ versionState })} openAtFirst={false} may onChange={() => {}} />,
      ),
    );
  expect(card("insecure")).toContain("Insecure");
  expect(card("active")).not.toContain("Active");
});
