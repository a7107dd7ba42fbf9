import { Table, Text } from "@mantine/core";
import type { JsonObject } from "../api/types";
import { rows } from "../settings/schema";

/** A settings schema for readers. */
export function SettingsTable({ schema, label }: { schema: JsonObject | null; label: string }) {
  const settings = rows(schema);
  if (settings.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {schema === null ? "It does not say which: it takes any." : "None."}
      </Text>
    );
  }
  return (
    <div className="panel">
      <Table.ScrollContainer minWidth={680}>
        <Table verticalSpacing="sm" horizontalSpacing="md" className="settings-table" aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="24%">Setting</Table.Th>
              <Table.Th w="18%">Type</Table.Th>
              <Table.Th>What it does</Table.Th>
              <Table.Th w="16%">Default</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {settings.map((setting) => (
              <Table.Tr key={setting.path}>
                <Table.Td className="mono" style={{ overflowWrap: "anywhere" }}>
                  {setting.path}
                </Table.Td>
                <Table.Td>
                  {setting.type}
                  {setting.required && (
                    <Text size="xs" c="dimmed">
                      required
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {setting.description || setting.title}
                  {setting.limits && (
                    <Text size="xs" c="dimmed" mt={2} style={{ overflowWrap: "anywhere" }}>
                      {setting.limits}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td className="mono" style={{ overflowWrap: "anywhere" }}>
                  {setting.defaultText}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
