import { Code, SimpleGrid, Stack, Text, Title } from "@mantine/core";

/** What somebody without machines can do next. */
export function FirstMachine() {
  return (
    <div className="panel" style={{ padding: 24 }}>
      <Stack gap="md">
        <div>
          <Title order={2} size="h3">
            No machines yet
          </Title>
          <Text c="dimmed">They show up here as soon as there are any.</Text>
        </div>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <div>
            <Text fw={600} mb={6}>
              Make a virtual machine on this host
            </Text>
            <Code block>vmext machine create web1</Code>
          </div>
          <div>
            <Text fw={600} mb={6}>
              Bring in one that runs anywhere
            </Text>
            <Code block>vmext machine enroll-command web1</Code>
          </div>
        </SimpleGrid>
      </Stack>
    </div>
  );
}
