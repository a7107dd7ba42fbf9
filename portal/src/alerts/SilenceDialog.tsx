import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useCreateSilence } from "../api/alerts";
import { ProblemNote } from "../show/ProblemNote";
import { DurationInput } from "./DurationInput";
import { lines } from "./ruleWords";

interface SilenceDialogProps {
  /** What stands there at first. */
  matchers: string[];
  onClose: () => void;
}

export function SilenceDialog({ matchers, onClose }: SilenceDialogProps) {
  const create = useCreateSilence();
  const [text, setText] = useState(matchers.join("\n"));
  const [comment, setComment] = useState("");
  const [from, setFrom] = useState("");
  const [seconds, setSeconds] = useState<number | null>(3_600);
  const ready = lines(text).length > 0 && comment.trim() !== "" && seconds !== null && seconds > 0;
  return (
    <Modal opened onClose={onClose} title="New silence" size={560} closeOnClickOutside={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) {
            create.mutate(
              {
                matchers: lines(text),
                comment: comment.trim(),
                from: from ? new Date(from).toISOString() : null,
                seconds,
              },
              { onSuccess: onClose },
            );
          }
        }}
      >
        <Stack gap="md">
          <Textarea
            label="Alerts with all of"
            description="One condition per line: rule, machine, severity or a label of the alert"
            placeholder={"rule=disk-filling\nmachine=~web.*"}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } }}
          />
          <TextInput
            label="Why"
            placeholder="Disk is being enlarged"
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            data-autofocus
          />
          <Group grow align="start">
            <DurationInput label="For" seconds={3_600} onChange={setSeconds} />
            <TextInput
              type="datetime-local"
              label="From"
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
          </Group>
          {create.isError && <ProblemNote error={create.error} />}
          <Group justify="end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!ready}>
              Silence
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
