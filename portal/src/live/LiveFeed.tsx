import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { keys } from "../api/queries";
import { type FeedState, followChanges } from "./feed";
import { FeedStateContext } from "./feedState";
import { Refresher, staleAfter } from "./stale";

const GATHER = 120;

/** Keeps the answers on the page in step with the control plane while somebody is signed in. */
export function LiveFeed({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<FeedState>("connecting");

  useEffect(() => {
    const stop = new AbortController();
    const refresher = new Refresher(
      (stale) => Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey }))),
      () => new Promise((resolve) => setTimeout(resolve, GATHER)),
    );
    void followChanges(
      {
        open: (lastEventId, signal) =>
          fetch("/v1/events", {
            headers: { Accept: "text/event-stream", ...(lastEventId ? { "Last-Event-ID": lastEventId } : {}) },
            credentials: "same-origin",
            cache: "no-store",
            signal,
          }),
        wait: waitOrOnline,
        random: Math.random,
        onState: setState,
        onOpen: () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] }),
        onEvent: (event) => refresher.add(staleAfter(event)),
        onSignedOut: () => client.setQueryData(keys.session, null),
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [client]);

  return <FeedStateContext value={state}>{children}</FeedStateContext>;
}

function waitOrOnline(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
