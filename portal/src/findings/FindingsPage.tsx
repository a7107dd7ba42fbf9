import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { type FindingFilter, useFindingPages } from "../api/findings";
import { useMay } from "../api/queries";
import { ProblemNote } from "../show/ProblemNote";
import { Filters } from "./Filters";
import { FindingCard } from "./FindingCard";

const PARTS = ["machine", "extension", "type", "severity"] as const;

/** What the address says to show: without a word, what is open. */
export function filterOf(query: URLSearchParams): FindingFilter {
  const state = query.get("state") ?? "open";
  const filter: FindingFilter = {
    machine: "",
    extension: "",
    type: "",
    severity: "",
    state: state === "all" ? "" : state,
  };
  for (const part of PARTS) {
    filter[part] = query.get(part) ?? "";
  }
  return filter;
}

export function queryOf(filter: FindingFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const part of PARTS) {
    if (filter[part]) {
      query.set(part, filter[part]);
    }
  }
  if (filter.state !== "open") {
    query.set("state", filter.state || "all");
  }
  return query;
}

/** What was found on all machines, live. */
export function FindingsPage() {
  const [query, setQuery] = useSearchParams();
  const filter = filterOf(query);
  const pages = useFindingPages(filter);
  const mayWebhooks = useMay("access-write");
  const shown = pages.data?.pages.flatMap((page) => page.items) ?? [];
  // A finding that is seen again while pages are read moves to the front, and may be on two of them.
  const findings = [...new Map(shown.map((one) => [one.id, one])).values()];
  return (
    <Stack gap="md">
      <title>Findings · vmext</title>
      <Group justify="space-between" align="end" gap="xs">
        <Title order={1}>Findings</Title>
        {mayWebhooks && (
          <Anchor component={Link} to="/webhooks" size="sm">
            Send them to a webhook
          </Anchor>
        )}
      </Group>
      <Filters filter={filter} shown={findings} onChange={(next) => setQuery(queryOf(next), { replace: true })} />
      {pages.isError && <ProblemNote error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isPending && <Skeleton height={180} radius={12} />}
      {pages.data && findings.length === 0 && <Nothing filter={filter} />}
      <Stack gap="xs">
        {findings.map((finding) => (
          <FindingCard key={finding.id} finding={finding} />
        ))}
      </Stack>
      {pages.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Nothing({ filter }: { filter: FindingFilter }) {
  const narrowed = PARTS.some((part) => filter[part]);
  return (
    <div className="panel" style={{ padding: 24 }}>
      <Text fw={600}>
        {narrowed ? "Nothing was found that fits" : filter.state === "open" ? "Nothing is open" : "Nothing was found"}
      </Text>
      <Text c="dimmed" size="sm" mt={2}>
        {narrowed
          ? "Clear the filters to see all."
          : "Extensions that look after security and health write here what they find, and alerts are findings too."}
      </Text>
    </div>
  );
}
