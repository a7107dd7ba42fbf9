import { Table, Text } from "@mantine/core";
import type { UsageView } from "../api/types";
import { bytes } from "../show/format";

/** What it used of the machine. A peak of 0 is one that is not known. */
export function Usage({ usage, name }: { usage: UsageView; name: string }) {
  return (
    <div style={{ marginTop: 14 }}>
      <Text size="xs" c="dimmed" mb={5}>
        Used of the machine · {usage.budgeted ? "limits are enforced" : "measured, limited by nothing"}
      </Text>
      <Table.ScrollContainer minWidth={280}>
        <Table horizontalSpacing="xs" aria-label={`Usage of ${name}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Processor</Table.Th>
              <Table.Th>Memory, peak</Table.Th>
              <Table.Th>Tasks, peak</Table.Th>
              <Table.Th>Disk</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Td>{(usage.cpuMillis / 1000).toFixed(1)} s</Table.Td>
              <Table.Td>{usage.memoryPeakKiB > 0 ? bytes(usage.memoryPeakKiB * 1024) : "not known"}</Table.Td>
              <Table.Td>{usage.tasksPeak > 0 ? usage.tasksPeak : "not known"}</Table.Td>
              <Table.Td>{bytes(usage.diskKiB * 1024)}</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
