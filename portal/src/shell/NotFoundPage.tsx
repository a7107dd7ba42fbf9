import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";

export function NotFoundPage() {
  return (
    <Stack gap="sm" py="xl">
      <Title order={1}>There is no such page</Title>
      <Text>
        Go to the{" "}
        <Anchor component={Link} to="/">
          machines
        </Anchor>
        .
      </Text>
    </Stack>
  );
}
