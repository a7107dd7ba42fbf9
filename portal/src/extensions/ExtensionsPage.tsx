import { Anchor, Badge, Group, SegmentedControl, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useExtensions } from "../api/queries";
import type { ExtensionView } from "../api/types";
import { Chip } from "../show/Chip";
import { capitalize, count } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { versionState } from "../show/states";

const CATEGORIES = ["security", "monitoring", "management", "backup"];

export function ExtensionsPage() {
  const extensions = useExtensions();
  const [query, setQuery] = useSearchParams();
  const category = query.get("category") ?? "";
  const shown = (extensions.data ?? []).filter((one) => !category || one.category === category);
  return (
    <Stack gap="md">
      <title>Extensions · vmext</title>
      <Title order={1}>Extensions</Title>
      <div style={{ overflowX: "auto" }}>
        <SegmentedControl
          aria-label="Category"
          value={category}
          onChange={(value) => setQuery(value ? { category: value } : {}, { replace: true })}
          data={[{ value: "", label: "All" }, ...CATEGORIES.map((value) => ({ value, label: capitalize(value) }))]}
        />
      </div>
      {extensions.isError && <ProblemNote error={extensions.error} onRetry={() => void extensions.refetch()} />}
      {extensions.isPending && <Skeleton height={140} radius={12} />}
      {extensions.data && shown.length === 0 && (
        <div className="panel" style={{ padding: 24 }}>
          <Text fw={600}>{category ? `No ${category} extensions yet` : "The catalog is empty"}</Text>
          <Text c="dimmed" size="sm" mt={2}>
            Publish one with <span className="mono">vmext extension publish</span>.
          </Text>
        </div>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {shown.map((extension) => (
          <ExtensionCard key={extension.name} extension={extension} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function ExtensionCard({ extension }: { extension: ExtensionView }) {
  const newest = extension.versions.find((one) => one.version === extension.latest);
  return (
    <article className="panel" style={{ padding: "16px 18px", display: "flex", flexDirection: "column" }}>
      <Group justify="space-between" align="start" wrap="nowrap" gap="xs">
        <Anchor component={Link} to={`/extensions/${encodeURIComponent(extension.name)}`} fw={650} size="lg">
          {extension.displayName}
        </Anchor>
        <Badge variant="default" tt="none" radius="sm" fw={550}>
          {capitalize(extension.category)}
        </Badge>
      </Group>
      <Text size="xs" c="dimmed" className="mono">
        {extension.name}
      </Text>
      <Text size="sm" mt="xs" style={{ flex: 1 }}>
        {extension.description}
      </Text>
      <Text size="sm" c="dimmed" mt="sm">
        {extension.latest} · {count(extension.versions.length, "version")} · {extension.kind}
      </Text>
      {newest && newest.state !== "active" && (
        <Group gap={6} mt="xs">
          <Chip shown={versionState(newest.state)} />
        </Group>
      )}
    </article>
  );
}
