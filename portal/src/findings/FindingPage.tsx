import { Anchor, Breadcrumbs, Skeleton, Stack, Text } from "@mantine/core";
import { Link, useParams } from "react-router";
import { problemOf } from "../api/client";
import { useFinding } from "../api/findings";
import { ProblemNote } from "../show/ProblemNote";
import { FindingCard } from "./FindingCard";

/** One finding, at an address that can be sent to somebody. */
export function FindingPage() {
  const finding = useFinding(useParams().finding ?? "");
  const gone = finding.isError && problemOf(finding.error).code === "finding-not-found";
  return (
    <Stack gap="md">
      <title>{`${finding.data?.title ?? "Finding"} · vmext`}</title>
      <Breadcrumbs separatorMargin={6} style={{ fontSize: "0.875rem" }}>
        <Anchor component={Link} to="/findings" inherit>
          Findings
        </Anchor>
        <Text inherit c="dimmed" span truncate maw={480}>
          {finding.data?.title ?? "…"}
        </Text>
      </Breadcrumbs>
      {finding.isError && (
        <ProblemNote error={finding.error} {...(gone ? {} : { onRetry: () => void finding.refetch() })} />
      )}
      {finding.isPending && <Skeleton height={200} radius={12} />}
      {finding.data && !gone && <FindingCard key={finding.data.id} finding={finding.data} openAtFirst />}
    </Stack>
  );
}
