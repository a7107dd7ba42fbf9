import type { ReactNode } from "react";
import type { Tone } from "./states";

interface NoteProps {
  tone: Tone;
  title: string;
  /** Whether a screen reader says it at once. */
  alert?: boolean;
  children?: ReactNode;
}

export function Note({ tone, title, alert = false, children }: NoteProps) {
  return (
    <div className={`note tone-${tone}`} {...(alert ? { role: "alert" } : {})}>
      <div className="note-title">{title}</div>
      {children}
    </div>
  );
}
