import { Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useAcknowledge } from "../api/findings";
import type { FindingView } from "../api/watchTypes";
import { Confirm } from "../show/Confirm";

const LONGEST_NOTE = 500;

interface AcknowledgeProps {
  finding: FindingView;
  opened: boolean;
  onClose: () => void;
}

/** Says that somebody knows of it, with a note for whoever looks at it next. */
export function Acknowledge({ finding, opened, onClose }: AcknowledgeProps) {
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState<string | null>(null);
  const text = note ?? finding.note ?? "";
  const close = () => {
    acknowledge.reset();
    setNote(null);
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      title={finding.state === "acknowledged" ? "Change the note" : "Acknowledge the finding"}
      verb={finding.state === "acknowledged" ? "Save" : "Acknowledge"}
      busy={acknowledge.isPending}
      error={acknowledge.error}
      onClose={close}
      onConfirm={() => acknowledge.mutate({ id: finding.id, note: text.trim() }, { onSuccess: close })}
    >
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        <b>{finding.title}</b>
        {finding.machine && ` on ${finding.machine}`}
      </Text>
      <Text size="sm">
        It leaves the list of open findings, and opens again when it gets worse or comes back after it was resolved.
      </Text>
      <Textarea
        label="Note"
        description="For whoever looks at it next"
        value={text}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={LONGEST_NOTE}
        autosize
        minRows={2}
        maxRows={8}
        data-autofocus
      />
    </Confirm>
  );
}
