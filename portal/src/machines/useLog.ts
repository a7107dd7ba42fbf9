import { useEffect, useState } from "react";
import { machinePath } from "../api/queries";
import type { LogText, Problem } from "../api/types";
import { browserPorts, followStream } from "../live/stream";
import { appended, unseen } from "./tail";

export interface FollowedLog {
  text: string;
  live: boolean;
  /** What keeps it from coming; it is waited for. */
  problem: Problem | null;
}

const NOTHING: FollowedLog = { text: "", live: false, problem: null };

/** The agent's log as it grows, while somebody looks. */
export function useFollowedLog(machine: string, enabled: boolean): FollowedLog {
  const [log, setLog] = useState(NOTHING);
  useEffect(() => {
    if (!enabled) {
      return;
    }
    setLog(NOTHING);
    const stop = new AbortController();
    let resumed = false;
    void followStream(
      {
        ...browserPorts(() => `${machinePath(machine)}/logs?source=agent&tail=65536&follow=true`),
        onLive: (live) => {
          resumed = true;
          setLog((before) => ({ ...before, live }));
        },
        onMessage: (message) => {
          if (message.event === "log") {
            const more = (JSON.parse(message.data) as LogText).text;
            const again = resumed;
            resumed = false;
            setLog((before) => ({
              text: appended(before.text, again ? unseen(before.text, more) : more),
              live: true,
              problem: null,
            }));
          } else if (message.event === "problem") {
            const problem = JSON.parse(message.data) as Problem;
            setLog((before) => ({ ...before, problem }));
          }
          return false;
        },
        onRefused: (problem) => setLog((before) => ({ ...before, live: false, problem })),
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [machine, enabled]);
  return log;
}
