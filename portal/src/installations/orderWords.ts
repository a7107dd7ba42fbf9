import type { OrderKind, OrderView } from "../api/types";
import type { Tone } from "../show/states";

export interface OrderWords {
  verb: string;
  /** What happens, for whom it is not clear; shown before it is given when {@link asks}. */
  meaning: string;
  /** Whether it is given only after a question, since it ends work or takes something away. */
  asks: boolean;
}

export const ORDERS: Record<OrderKind, OrderWords> = {
  cancel: {
    verb: "Cancel",
    meaning:
      "What the machine is doing for it is stopped, and the target counts as given up until it is tried again or changed. What was done so far stays on the machine.",
    asks: true,
  },
  retry: { verb: "Try again", meaning: "The failure is forgotten and the same target is tried again.", asks: false },
  reset: {
    verb: "Reset",
    meaning:
      "What is on the machine is taken away, whatever state it is in, and it is installed again from nothing. What the extension does is interrupted meanwhile, and what it keeps on the machine may be lost.",
    asks: true,
  },
  release: {
    verb: "Release",
    meaning: "The version that is held may be tried again at once, although it failed before.",
    asks: false,
  },
};

const SEQUENCE: OrderKind[] = ["retry", "release", "cancel", "reset"];

/** The orders to offer, in the order of their buttons. Kinds of a newer control plane are left to the command line. */
export function offeredOrders(offered: readonly string[]): OrderKind[] {
  return SEQUENCE.filter((kind) => offered.includes(kind));
}

/** How far an order came, in words. */
export function orderProgress(order: OrderView): { text: string; tone: Tone } {
  switch (order.progress) {
    case "waiting-machine":
      return { text: "waits until the machine hears of it", tone: "wait" };
    case "acknowledged":
      return { text: "the machine has it", tone: "busy" };
    case "taken":
      return { text: "carried out; the state shown is from after it", tone: "ok" };
    default:
      return { text: order.progress, tone: "wait" };
  }
}

/** The order as a verb, or its word when it is of a newer control plane. */
export function orderVerb(kind: string): string {
  return kind in ORDERS ? ORDERS[kind as OrderKind].verb : kind;
}
