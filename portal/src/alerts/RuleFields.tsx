import { NumberInput, Select, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { AlertRuleWrite } from "../api/watchTypes";
import { SEVERITIES, severity } from "../findings/findingWords";
import { DurationInput } from "./DurationInput";
import { COMBINES, COMPARISONS, KINDS, lines, readLabels } from "./ruleWords";

interface RuleFieldsProps {
  rule: AlertRuleWrite;
  onChange: (part: Partial<AlertRuleWrite>) => void;
}

/** A rule's fields: what is looked at, when it is an alert, and what whoever is told reads. */
export function RuleFields({ rule, onChange }: RuleFieldsProps) {
  const absence = rule.kind === "absence";
  // What is no time yet is left as it was; the field itself says so.
  const time =
    (name: "windowSeconds" | "aheadSeconds" | "memorySeconds" | "lastsSeconds" | "clearsSeconds") =>
    (seconds: number | null) =>
      seconds !== null && onChange({ [name]: seconds });
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="Metric"
          placeholder="node_load1"
          value={rule.metric}
          onChange={(event) => onChange({ metric: event.currentTarget.value.trim() })}
          autoComplete="off"
          spellCheck={false}
        />
        <Select
          label="What counts"
          data={KINDS}
          value={rule.kind}
          onChange={(value) => value && onChange({ kind: value })}
          allowDeselect={false}
        />
      </SimpleGrid>
      <Textarea
        label="Only series with"
        description="One condition per line; empty for all"
        placeholder={"mountpoint=/\nfstype!~tmpfs|overlay"}
        defaultValue={(rule.where ?? []).join("\n")}
        onChange={(event) => onChange({ where: lines(event.currentTarget.value) })}
        autosize
        minRows={1}
        maxRows={8}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } }}
      />
      {!absence && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label="Of several series of a machine"
            data={COMBINES}
            value={rule.combine ?? "each"}
            onChange={(value) => value && onChange({ combine: value })}
            allowDeselect={false}
          />
          <TextInput
            label="Divided by"
            description="A metric with the same labels; empty for none"
            placeholder="node_filesystem_size_bytes"
            value={rule.dividedBy ?? ""}
            onChange={(event) => onChange({ dividedBy: event.currentTarget.value.trim() || null })}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autoComplete="off"
            spellCheck={false}
          />
        </SimpleGrid>
      )}
      {!absence && rule.combine !== "each" && (
        <TagsInput
          label="Apart by these labels"
          placeholder="device"
          value={rule.by ?? []}
          onChange={(value) => onChange({ by: value })}
        />
      )}
      {!absence && (
        <SimpleGrid cols={2}>
          <Select
            label="Is"
            data={COMPARISONS}
            value={rule.comparison ?? ">"}
            onChange={(value) => value && onChange({ comparison: value })}
            allowDeselect={false}
          />
          <NumberInput
            label="This"
            value={rule.limit ?? 0}
            onChange={(value) => typeof value === "number" && onChange({ limit: value })}
          />
        </SimpleGrid>
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <DurationInput label="For" seconds={rule.lastsSeconds ?? 0} onChange={time("lastsSeconds")} />
        <DurationInput label="Looks back" seconds={rule.windowSeconds ?? 300} onChange={time("windowSeconds")} />
        {rule.kind === "forecast" && (
          <DurationInput label="Ahead" seconds={rule.aheadSeconds ?? 86_400} onChange={time("aheadSeconds")} />
        )}
        {absence && (
          <DurationInput label="Remembers" seconds={rule.memorySeconds ?? 86_400} onChange={time("memorySeconds")} />
        )}
        <DurationInput label="Over after" seconds={rule.clearsSeconds ?? 60} onChange={time("clearsSeconds")} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label="Severity"
          data={SEVERITIES.map((word) => ({ value: word, label: severity(word).label }))}
          value={rule.severity}
          onChange={(value) => value && onChange({ severity: value })}
          allowDeselect={false}
        />
        <TagsInput
          label="Only machines with these labels"
          placeholder={Object.keys(rule.machines ?? {}).length > 0 ? "" : "role=web"}
          value={Object.entries(rule.machines ?? {}).map(([name, value]) => `${name}=${value}`)}
          onChange={(value) => {
            const labels = readLabels(value);
            if (labels) {
              onChange({ machines: labels });
            }
          }}
        />
      </SimpleGrid>
      <TextInput
        label="Summary"
        description="{machine}, {value}, {value:percent} and labels such as {mountpoint} are filled in"
        value={rule.summary}
        onChange={(event) => onChange({ summary: event.currentTarget.value })}
      />
      <Textarea
        label="What to do"
        value={rule.hint ?? ""}
        onChange={(event) => onChange({ hint: event.currentTarget.value })}
        autosize
        minRows={2}
        maxRows={6}
      />
    </Stack>
  );
}
