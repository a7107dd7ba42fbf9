import { Group, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { ExtensionView, InstallationView } from "../api/types";
import { capitalize } from "../show/format";

interface ChooseExtensionProps {
  extensions: ExtensionView[];
  installations: InstallationView[];
  onChoose: (extension: ExtensionView) => void;
}

/** The part of the catalog that fits the machine. */
export function ChooseExtension({ extensions, installations, onChoose }: ChooseExtensionProps) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = extensions.filter((one) =>
    [one.name, one.displayName, one.description, one.category].some((word) => word.toLowerCase().includes(wanted)),
  );
  return (
    <Stack gap="sm">
      {extensions.length > 5 && (
        <TextInput
          aria-label="Search"
          placeholder="Search"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
      )}
      {extensions.length === 0 && <Text>The catalog has no extension that fits this machine.</Text>}
      {extensions.length > 0 && shown.length === 0 && <Text c="dimmed">Nothing here is called that.</Text>}
      {shown.map((extension) => {
        const single =
          extension.instances === "one" ? installations.find((one) => one.extension === extension.name) : undefined;
        return (
          <UnstyledButton
            key={extension.name}
            className="choice"
            disabled={single !== undefined}
            onClick={() => onChoose(extension)}
          >
            <Group justify="space-between" gap="xs">
              <Text fw={650}>{extension.displayName}</Text>
              <Text size="sm" c="dimmed">
                {capitalize(extension.category)} · {extension.latest}
              </Text>
            </Group>
            <Text size="sm" mt={2}>
              {extension.description}
            </Text>
            <Text size="xs" c="dimmed" mt={4}>
              <span className="mono">{extension.name}</span>
              {single && ` · is installed here as ${single.name}, and a machine can have it once`}
            </Text>
          </UnstyledButton>
        );
      })}
    </Stack>
  );
}
