import { ActionIcon, Button, Group, Menu, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { IconArrowBackUp, IconDots, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useAlertRules, useDeleteRule, useSwitchRule } from "../api/alerts";
import { useMay } from "../api/queries";
import type { AlertRuleView } from "../api/watchTypes";
import { severity } from "../findings/findingWords";
import { Chip, Mark } from "../show/Chip";
import { Confirm } from "../show/Confirm";
import { ProblemNote } from "../show/ProblemNote";
import { RuleDialog } from "./RuleDialog";
import { conditionText, originOf } from "./ruleWords";

type Dialog = { kind: "new" } | { kind: "edit"; rule: AlertRuleView };

/** All rules, each with its switch. */
export function Rules() {
  const rules = useAlertRules();
  const may = useMay("alert-write");
  const remove = useDeleteRule();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [removing, setRemoving] = useState<AlertRuleView | null>(null);
  const close = () => {
    setRemoving(null);
    remove.reset();
  };
  const back = removing?.origin === "changed";
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" maw={640} style={{ flex: "1 1 300px" }}>
          A rule whose metric no machine has says nothing. A default rule that is changed stays changed until it is set
          back.
        </Text>
        {may && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ kind: "new" })}>
            New rule
          </Button>
        )}
      </Group>
      {rules.isError && <ProblemNote error={rules.error} onRetry={() => void rules.refetch()} />}
      {rules.isPending && <Skeleton height={200} radius={12} />}
      {rules.data && (
        <div className="panel">
          {rules.data.map((rule, index) => (
            <Rule
              key={rule.name}
              rule={rule}
              first={index === 0}
              may={may}
              onEdit={() => setDialog({ kind: "edit", rule })}
              onRemove={() => setRemoving(rule)}
            />
          ))}
        </div>
      )}
      {dialog && (
        <RuleDialog
          rule={dialog.kind === "edit" ? dialog.rule : null}
          taken={rules.data?.map((one) => one.name) ?? []}
          onClose={() => setDialog(null)}
        />
      )}
      <Confirm
        opened={removing !== null}
        title={back ? `Set ${removing.name} back?` : `Delete ${removing?.name ?? ""}?`}
        verb={back ? "Set back" : "Delete"}
        danger={!back}
        busy={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => removing && remove.mutate(removing.name, { onSuccess: close })}
      >
        <Text size="sm">
          {back
            ? "The rule is again as it comes with vmext. What was changed in it is lost."
            : "The rule is gone, and its alerts are over."}
        </Text>
      </Confirm>
    </Stack>
  );
}

interface RuleProps {
  rule: AlertRuleView;
  first: boolean;
  may: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function Rule({ rule, first, may, onEdit, onRemove }: RuleProps) {
  const change = useSwitchRule();
  const on = change.isPending ? change.variables.on : rule.rule.enabled !== false;
  return (
    <div style={{ padding: "12px 16px", borderTop: first ? 0 : "1px solid var(--line)" }} data-rule={rule.name}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Group gap="4px 8px">
            <Text fw={600}>{rule.name}</Text>
            <Chip shown={severity(rule.rule.severity)} />
            {rule.origin !== "default" && <Chip shown={originOf(rule.origin)} />}
            {rule.firing > 0 && <Mark tone="bad">{`${rule.firing} firing`}</Mark>}
          </Group>
          <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
            {rule.rule.summary}
          </Text>
          <Text size="xs" c="dimmed" mt={4} className="mono" style={{ overflowWrap: "anywhere" }}>
            {conditionText(rule.rule)}
          </Text>
          {change.isError && (
            <div style={{ marginTop: 8 }}>
              <ProblemNote error={change.error} />
            </div>
          )}
        </div>
        <Group gap="xs" wrap="nowrap" style={{ flex: "none" }}>
          <Switch
            checked={on}
            disabled={!may || change.isPending}
            onChange={(event) => change.mutate({ name: rule.name, on: event.currentTarget.checked })}
            aria-label={`${rule.name} is on`}
          />
          {may && (
            <Menu position="bottom-end" withArrow>
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" size={34} aria-label={`Actions for ${rule.name}`}>
                  <IconDots size={18} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
                  Edit…
                </Menu.Item>
                {rule.origin === "changed" && (
                  <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={onRemove}>
                    Set back…
                  </Menu.Item>
                )}
                {rule.origin === "own" && (
                  <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={onRemove}>
                    Delete…
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      </Group>
    </div>
  );
}
