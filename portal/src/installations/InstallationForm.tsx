import {
  Button,
  Divider,
  Group,
  JsonInput,
  MultiSelect,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useId, useState } from "react";
import { usePutInstallation } from "../api/queries";
import type { ExtensionView, InstallationView, JsonObject } from "../api/types";
import { check } from "../settings/check";
import { SchemaForm } from "../settings/SchemaForm";
import { ANY_TEXTS, hasFields, meant } from "../settings/schema";
import { Fence } from "../show/Fence";
import { askedVersion, freeName, NAME, suggestName } from "../show/format";
import { Note } from "../show/Note";
import { ProblemNote } from "../show/ProblemNote";

interface InstallationFormProps {
  machine: string;
  name: string;
  /** null when the catalog does not have it any more. */
  extension: ExtensionView | null;
  installations: InstallationView[];
  installation: InstallationView | null;
  onBack: (() => void) | null;
  onDone: () => void;
}

type Secrets = "keep" | "replace" | "remove";

export function InstallationForm(props: InstallationFormProps) {
  const { machine, extension, installations, installation, onBack, onDone } = props;
  const id = useId().replaceAll(":", "");
  const put = usePutInstallation();
  const schema = extension?.settingsSchema ?? null;
  const secretSchema = extension?.protectedSchema ?? null;
  const stored = installation?.protectedKeys ?? [];

  const [name, setName] = useState(
    () =>
      installation?.name ??
      freeName(
        suggestName(props.name),
        installations.map((one) => one.name),
      ),
  );
  const [version, setVersion] = useState(askedVersion(installation?.constraint ?? ""));
  const [after, setAfter] = useState(installation?.after ?? []);
  const [settings, setSettings] = useState<JsonObject>(installation?.settings ?? {});
  const [text, setText] = useState<string | null>(
    schema === null ? JSON.stringify(installation?.settings ?? {}, null, 2) : null,
  );
  const [secrets, setSecrets] = useState<Secrets>(stored.length > 0 ? "keep" : "replace");
  const [secretValues, setSecretValues] = useState<JsonObject>({});
  const [misfit, setMisfit] = useState<string | null>(null);

  const takesSecrets = extension === null ? stored.length > 0 : hasFields(secretSchema);
  const nameWrong = !NAME.test(name);
  const others = installations.filter((one) => one.name !== installation?.name && !one.removing);

  const send = () => {
    let wanted: JsonObject;
    if (text === null) {
      wanted = meant(settings, schema, installation?.settings ?? {});
    } else {
      const parsed = parseObject(text);
      if (parsed === null) {
        setMisfit("The settings are not a JSON object.");
        return;
      }
      const wrong = schema ? check(schema, parsed) : [];
      if (wrong.length > 0) {
        setMisfit(wrong.map((one) => `${one.path.join(".") || "settings"}: ${one.message}`).join("\n"));
        return;
      }
      wanted = parsed;
    }
    const given = meant(secretValues, secretSchema, {});
    if (takesSecrets && secrets === "replace") {
      const wrong = secretSchema ? check(secretSchema, given) : [];
      if (wrong.length > 0) {
        // Never the values: only where and why.
        setMisfit(wrong.map((one) => `Protected ${one.path.join(".") || "settings"}: ${one.message}`).join("\n"));
        return;
      }
    }
    setMisfit(null);
    const nothingGiven = Object.keys(given).length === 0;
    put.mutate(
      {
        machine,
        name,
        mustBeNew: installation === null,
        body: {
          extension: props.name,
          version: version || null,
          settings: wanted,
          protectedSettings:
            !takesSecrets || secrets === "keep" || (secrets === "replace" && nothingGiven && stored.length === 0)
              ? null
              : secrets === "remove"
                ? {}
                : given,
          after,
          rerun: null,
          deadlines: installation?.deadlines ?? null,
        },
      },
      { onSuccess: onDone },
    );
  };

  return (
    <Stack gap="md">
      {extension && (
        <Text size="sm" c="dimmed">
          {extension.description}
        </Text>
      )}
      {extension?.scripts && (
        <Note tone="warn" title="Runs scripts as root">
          <Text size="sm">Whoever may change these settings may run anything on the machine.</Text>
        </Note>
      )}
      {extension === null && (
        <Note tone="warn" title={`${props.name} is not in the catalog any more`}>
          <Text size="sm">Its settings can still be changed, as JSON and without a check.</Text>
        </Note>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="Name on this machine"
          description="Small letters, digits and hyphens"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          disabled={installation !== null}
          error={nameWrong && name !== "" ? "Start and end with a letter or digit" : undefined}
          autoComplete="off"
          spellCheck={false}
        />
        <Select
          label="Version"
          description="A fixed one stays; the newest follows the catalog"
          data={versionChoices(extension, version)}
          value={version}
          onChange={(value) => setVersion(value ?? "")}
          allowDeselect={false}
          comboboxProps={{ withinPortal: true }}
        />
      </SimpleGrid>
      {others.length > 0 && (
        <MultiSelect
          label="Only after these are healthy"
          data={others.map((one) => one.name)}
          value={after}
          onChange={setAfter}
          placeholder={after.length === 0 ? "No order" : ""}
          clearable
        />
      )}
      <section aria-labelledby={`${id}settings`}>
        <Group justify="space-between" mb="xs">
          <Title order={3} size="h4" id={`${id}settings`}>
            Settings
          </Title>
          {schema && hasFields(schema) && (
            <SegmentedControl
              size="xs"
              aria-label="How to edit the settings"
              data={[
                { value: "form", label: "Form" },
                { value: "json", label: "JSON" },
              ]}
              value={text === null ? "form" : "json"}
              onChange={(mode) => {
                if (mode === "json") {
                  setText(JSON.stringify(meant(settings, schema, installation?.settings ?? {}), null, 2));
                } else {
                  const parsed = parseObject(text ?? "");
                  if (parsed) {
                    setSettings(parsed);
                    setText(null);
                    setMisfit(null);
                  } else {
                    setMisfit("The settings are not a JSON object.");
                  }
                }
              }}
            />
          )}
        </Group>
        {text === null && schema ? (
          hasFields(schema) ? (
            <Fence
              instead={
                <Note tone="warn" title="This form cannot be drawn">
                  <Text size="sm">The extension's schema is more than the form knows. Edit the settings as JSON.</Text>
                </Note>
              }
            >
              <SchemaForm
                id={`${id}form`}
                schema={schema}
                uiSchema={extension?.uiSchema ?? null}
                value={settings}
                onChange={setSettings}
                onSubmit={send}
              />
            </Fence>
          ) : (
            <Text size="sm" c="dimmed">
              It has none.
            </Text>
          )
        ) : (
          <JsonInput
            aria-label="Settings as JSON"
            value={text ?? ""}
            onChange={setText}
            formatOnBlur
            autosize
            minRows={8}
            maxRows={24}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } }}
          />
        )}
      </section>
      {takesSecrets && (
        <section aria-labelledby={`${id}secrets`}>
          <Divider mb="md" />
          <Title order={3} size="h4" id={`${id}secrets`}>
            Protected settings
          </Title>
          <Text size="sm" c="dimmed" mb="sm">
            Encrypted for this machine. Nobody can read them back, not even here.
          </Text>
          {stored.length > 0 && (
            <Stack gap="xs" mb="sm">
              <Text size="sm">
                Stored: <span className="mono">{stored.join(", ")}</span>
              </Text>
              <SegmentedControl
                aria-label="What to do with the protected settings"
                data={[
                  { value: "keep", label: "Keep" },
                  { value: "replace", label: "Replace all" },
                  { value: "remove", label: "Remove" },
                ]}
                value={secrets}
                onChange={(value) => setSecrets(value as Secrets)}
              />
            </Stack>
          )}
          {secrets === "replace" && (
            <SchemaForm
              id={`${id}secretform`}
              schema={secretSchema ?? ANY_TEXTS}
              uiSchema={null}
              value={secretValues}
              secret
              onChange={setSecretValues}
              onSubmit={send}
            />
          )}
        </section>
      )}
      {misfit && (
        <Note tone="bad" title="Something does not fit" alert>
          <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
            {misfit}
          </Text>
        </Note>
      )}
      {put.isError && <ProblemNote error={put.error} />}
      <Group justify="space-between" mt="xs">
        {onBack ? (
          <Button variant="subtle" color="gray" onClick={onBack}>
            Choose another
          </Button>
        ) : (
          <span />
        )}
        <Group gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button
            loading={put.isPending}
            disabled={nameWrong}
            {...(text === null && schema && hasFields(schema)
              ? { type: "submit" as const, form: `${id}form` }
              : { onClick: send })}
          >
            {installation ? "Save and apply" : "Install"}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function versionChoices(extension: ExtensionView | null, current: string) {
  const active = (extension?.versions ?? []).filter((one) => one.state === "active").map((one) => one.version);
  const fixed = current && !active.includes(current) ? [current, ...active] : active;
  return [
    { value: "", label: extension ? `Newest (${extension.latest})` : "Newest" },
    ...fixed.map((version) => ({ value: version, label: version })),
  ];
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
