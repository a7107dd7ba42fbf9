import { useEffect, useState } from "react";
import { machinePath } from "../api/queries";
import type { CommandPiece, CommandView, Problem } from "../api/types";
import { browserPorts, followStream } from "../live/stream";
import { appended, Base64Text, byteLength } from "../machines/tail";
import { over } from "./commandWords";

export interface CommandOutput {
  text: string;
  /** The newest word about the command itself. */
  command: CommandView | null;
  live: boolean;
  problem: Problem | null;
}

const NOTHING: CommandOutput = { text: "", command: null, live: false, problem: null };

/** What a command writes, as it writes it, and how it stands; from its beginning, whenever somebody begins to look. */
export function useCommandOutput(machine: string, id: string): CommandOutput {
  const [output, setOutput] = useState(NOTHING);
  useEffect(() => {
    setOutput(NOTHING);
    const stop = new AbortController();
    const place: Record<string, number> = { out: 0, err: 0 };
    const texts: Record<string, Base64Text> = { out: new Base64Text(), err: new Base64Text() };
    void followStream(
      {
        ...browserPorts(
          () =>
            `${machinePath(machine)}/commands/${encodeURIComponent(id)}/output?follow=true&out=${place.out}&err=${place.err}`,
        ),
        onLive: (live) => setOutput((before) => ({ ...before, live })),
        onMessage: (message) => {
          if (message.event === "output") {
            const piece = JSON.parse(message.data) as CommandPiece;
            const stream = piece.stream === "err" ? "err" : "out";
            place[stream] = (place[stream] ?? 0) + byteLength(piece.data);
            const more = texts[stream]?.feed(piece.data) ?? "";
            setOutput((before) => ({ ...before, text: appended(before.text, more) }));
            return false;
          }
          if (message.event === "command") {
            const command = JSON.parse(message.data) as CommandView;
            setOutput((before) => ({ ...before, command }));
            return over(command.state);
          }
          return false;
        },
        onRefused: (problem) => setOutput((before) => ({ ...before, live: false, problem })),
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [machine, id]);
  return output;
}
