import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ProblemNote } from "./ProblemNote";

interface ConfirmProps {
  opened: boolean;
  title: string;
  verb: string;
  /** The word of the button that changes nothing. */
  keep?: string;
  danger?: boolean;
  /** What must be typed first, for what cannot be undone. */
  typed?: string;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onConfirm: () => void;
  children: ReactNode;
}

export function Confirm({
  opened,
  title,
  verb,
  keep = "Cancel",
  danger,
  typed,
  busy,
  error,
  onClose,
  onConfirm,
  children,
}: ConfirmProps) {
  const [text, setText] = useState("");
  const allowed = typed === undefined || text === typed;
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered onExitTransitionEnd={() => setText("")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (allowed) {
            onConfirm();
          }
        }}
      >
        <Stack gap="md">
          {children}
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          {error !== null && error !== undefined && <ProblemNote error={error} />}
          <Group justify="end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {keep}
            </Button>
            <Button type="submit" loading={busy} disabled={!allowed} {...(danger ? { color: "red.8" } : {})}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
