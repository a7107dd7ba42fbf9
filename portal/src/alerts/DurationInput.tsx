import { TextInput } from "@mantine/core";
import { useState } from "react";
import { readDuration, shownDuration } from "./ruleWords";

interface DurationInputProps {
  label: string;
  description?: string;
  seconds: number;
  /** null while what stands there is no time. */
  onChange: (seconds: number | null) => void;
}

/** A length of time, as people write it. */
export function DurationInput({ label, description, seconds, onChange }: DurationInputProps) {
  const [text, setText] = useState(() => shownDuration(seconds));
  const wrong = readDuration(text) === null;
  return (
    <TextInput
      label={label}
      description={description}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(readDuration(event.currentTarget.value));
      }}
      error={wrong ? "For example 30 s, 5 min, 6 h or 2 d" : undefined}
      autoComplete="off"
    />
  );
}
