import { Button, Group, JsonInput, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import { usePutRule } from "../api/alerts";
import type { AlertRuleView, AlertRuleWrite } from "../api/watchTypes";
import { NAME } from "../show/format";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";
import { RuleFields } from "./RuleFields";
import { fitting, NEW_RULE } from "./ruleWords";

interface RuleDialogProps {
  /** The one to change; null for a new one. */
  rule: AlertRuleView | null;
  taken: string[];
  onClose: () => void;
}

/** A rule as a form or as the JSON that the API takes. */
export function RuleDialog({ rule, taken, onClose }: RuleDialogProps) {
  const put = usePutRule();
  const small = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const [name, setName] = useState(rule?.name ?? "");
  const [draft, setDraft] = useState<AlertRuleWrite>({ ...NEW_RULE, ...rule?.rule });
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const nameWrong = !NAME.test(name);
  const nameTaken = rule === null && taken.includes(name);

  const save = () => {
    const body = text === null ? fitting(draft) : readRule(text);
    const why =
      body === null
        ? "The rule is not a JSON object."
        : !body.metric
          ? "It needs the name of a metric."
          : !body.summary
            ? "It needs a summary: what whoever is told reads."
            : null;
    setWrong(why);
    if (body !== null && why === null) {
      put.mutate({ name, rule: body }, { onSuccess: onClose });
    }
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={rule ? `Edit ${rule.name}` : "New rule"}
      size={720}
      fullScreen={small ?? false}
      closeOnClickOutside={false}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!nameWrong && !nameTaken) {
            save();
          }
        }}
        noValidate
      >
        <Stack gap="md">
          {rule?.origin === "default" && (
            <Text size="sm" c="dimmed">
              It comes with vmext. Changed, it no longer changes with vmext, and can be set back.
            </Text>
          )}
          <Group justify="space-between" align="end" gap="xs">
            <TextInput
              label="Name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              disabled={rule !== null}
              error={
                nameTaken
                  ? "There is a rule of this name"
                  : nameWrong && name !== ""
                    ? "Small letters, digits and hyphens"
                    : undefined
              }
              autoComplete="off"
              spellCheck={false}
              style={{ flex: "1 1 220px" }}
            />
            <SegmentedControl
              aria-label="How to edit the rule"
              data={[
                { value: "form", label: "Form" },
                { value: "json", label: "JSON" },
              ]}
              value={text === null ? "form" : "json"}
              onChange={(mode) => {
                if (mode === "json") {
                  setText(JSON.stringify(fitting(draft), null, 2));
                  setWrong(null);
                  return;
                }
                const read = readRule(text ?? "");
                if (read === null) {
                  setWrong("The rule is not a JSON object.");
                } else {
                  setDraft({ ...NEW_RULE, ...read });
                  setText(null);
                  setWrong(null);
                }
              }}
            />
          </Group>
          {text === null ? (
            <RuleFields rule={draft} onChange={(part) => setDraft((before) => ({ ...before, ...part }))} />
          ) : (
            <JsonInput
              label="Rule"
              description="As docs/reference/openapi.yaml has it: AlertRuleWrite"
              value={text}
              onChange={setText}
              validationError="This is no JSON"
              autosize
              minRows={12}
              maxRows={28}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } }}
            />
          )}
          {wrong && (
            <Note tone="bad" title="Something does not fit" alert>
              <Text size="sm">{wrong}</Text>
            </Note>
          )}
          {put.isError && <ProblemNote error={put.error} />}
          <Group justify="end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={put.isPending} disabled={nameWrong || nameTaken}>
              {rule ? "Save" : "Create"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The server checks it all; here it only has to be an object. */
export function readRule(text: string): AlertRuleWrite | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as AlertRuleWrite) : null;
  } catch {
    return null;
  }
}
