import {
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  MultiSelect,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useCreateWebhook } from "../api/webhooks";
import { SEVERITIES, severity } from "../findings/findingWords";
import { NAME } from "../show/format";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";
import { isSecret, newSecret } from "./secret";

const EVENTS = [
  { value: "finding.opened", label: "Opened" },
  { value: "finding.reopened", label: "Opened again" },
  { value: "finding.worsened", label: "Got worse" },
  { value: "finding.acknowledged", label: "Acknowledged" },
  { value: "finding.resolved", label: "Resolved" },
];

interface WebhookDialogProps {
  taken: string[];
  onClose: () => void;
}

/** Makes a webhook, and then shows its secret once: the API never answers it. */
export function WebhookDialog({ taken, onClose }: WebhookDialogProps) {
  const create = useCreateWebhook();
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<string[]>([]);
  const [types, setTypes] = useState<string[]>([]);
  const [least, setLeast] = useState("");
  const [own, setOwn] = useState("");
  const [made, setMade] = useState("");
  const nameWrong = name !== "" && !NAME.test(name);
  const nameTaken = taken.includes(name) && made === "";
  const ownWrong = own !== "" && !isSecret(own.trim());
  const ready = name !== "" && !nameWrong && !nameTaken && !ownWrong && url.trim() !== "";

  if (made) {
    return (
      <Modal opened onClose={onClose} title={`The secret of ${name}`} size={560} closeOnClickOutside={false}>
        <Stack gap="md">
          <Note tone="warn" title="It is shown only now">
            <Text size="sm">
              Give it to the receiver, which checks the signature of every message with it. Nobody can read it here
              again.
            </Text>
          </Note>
          <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }} data-testid="secret">
            {made}
          </Code>
          <Group justify="end" gap="xs">
            <CopyButton value={made}>
              {({ copied, copy }) => (
                <Button
                  variant="default"
                  leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                  onClick={copy}
                >
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }

  return (
    <Modal opened onClose={onClose} title="New webhook" size={560} closeOnClickOutside={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) {
            return;
          }
          const secret = own.trim() || newSecret();
          create.mutate(
            {
              name,
              url: url.trim(),
              secret,
              events: events.length > 0 ? events : null,
              types: types.length > 0 ? types : null,
              severity: least || null,
            },
            { onSuccess: () => setMade(secret) },
          );
        }}
        noValidate
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={
              nameTaken ? "There is one of this name" : nameWrong ? "Small letters, digits and hyphens" : undefined
            }
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <TextInput
            label="Address"
            description="https; http only to this host and private networks"
            placeholder="https://chat.example.com/hooks/vmext"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
          <Select
            label="Findings"
            data={[
              { value: "", label: "All" },
              ...SEVERITIES.slice(1).map((word) => ({ value: word, label: `${severity(word).label} or worse` })),
            ]}
            value={least}
            onChange={(value) => setLeast(value ?? "")}
            allowDeselect={false}
          />
          <MultiSelect
            label="When one is"
            placeholder={events.length === 0 ? "All of these" : ""}
            data={EVENTS}
            value={events}
            onChange={setEvents}
            clearable
          />
          <TagsInput
            label="Only of these types"
            placeholder={types.length === 0 ? "All" : ""}
            value={types}
            onChange={setTypes}
          />
          <TextInput
            label="Secret"
            description="Leave it empty for a new one, which is shown once"
            placeholder="whsec_…"
            value={own}
            onChange={(event) => setOwn(event.currentTarget.value)}
            error={ownWrong ? "whsec_ and base64 of 24 to 64 bytes" : undefined}
            type="password"
            autoComplete="new-password"
            spellCheck={false}
          />
          {create.isError && <ProblemNote error={create.error} />}
          <Group justify="end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!ready}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
