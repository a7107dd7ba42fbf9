import { Anchor, Breadcrumbs, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { Link, useParams } from "react-router";
import { useExtensions } from "../api/queries";
import type { ExtensionView } from "../api/types";
import { NotFoundPage } from "../shell/NotFoundPage";
import { Chip } from "../show/Chip";
import { bytes, capitalize, shortened } from "../show/format";
import { ProblemNote } from "../show/ProblemNote";
import { versionState } from "../show/states";
import { Ago } from "../show/Time";
import { SettingsTable } from "./SettingsTable";

export function ExtensionPage() {
  const name = useParams().extension ?? "";
  const extensions = useExtensions();
  const extension = extensions.data?.find((one) => one.name === name);
  if (extensions.data && !extension) {
    return <NotFoundPage />;
  }
  return (
    <Stack gap="lg">
      <title>{`${name} · vmext`}</title>
      <Breadcrumbs separatorMargin={6} style={{ fontSize: "0.875rem" }}>
        <Anchor component={Link} to="/extensions" inherit>
          Extensions
        </Anchor>
        <Text inherit c="dimmed" span>
          {name}
        </Text>
      </Breadcrumbs>
      {extensions.isError && <ProblemNote error={extensions.error} onRetry={() => void extensions.refetch()} />}
      {extensions.isPending && <Skeleton height={200} radius={12} />}
      {extension && <Extension extension={extension} />}
    </Stack>
  );
}

function Extension({ extension }: { extension: ExtensionView }) {
  return (
    <>
      <div>
        <Title order={1}>{extension.displayName}</Title>
        <Text mt={4} maw={720}>
          {extension.description}
        </Text>
      </div>
      <div className="panel" style={{ padding: "16px 18px" }}>
        <dl className="facts">
          <dt>Name</dt>
          <dd className="mono">{extension.name}</dd>
          <dt>Category</dt>
          <dd>{capitalize(extension.category)}</dd>
          <dt>Works</dt>
          <dd>{extension.kind === "one-shot" ? "once per change of its settings" : "all the time"}</dd>
          <dt>Per machine</dt>
          <dd>{extension.instances === "many" ? "any number, under different names" : "one"}</dd>
          <dt>Scripts</dt>
          <dd>
            {extension.scripts
              ? "its settings can run commands; machines in mode no-scripts refuse it"
              : "its settings cannot run commands"}
          </dd>
          <dt>Platforms</dt>
          <dd>{extension.platforms.join(", ") || "any"}</dd>
          <dt>Providers</dt>
          <dd>{extension.providers.join(", ") || "any"}</dd>
        </dl>
      </div>
      <section aria-labelledby="settings">
        <Title order={2} size="h3" mb="sm" id="settings">
          Settings
        </Title>
        <SettingsTable schema={extension.settingsSchema} label="Settings" />
      </section>
      <section aria-labelledby="protected">
        <Title order={2} size="h3" mb={4} id="protected">
          Protected settings
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          Encrypted for the machine, returned by no answer of the API.
        </Text>
        <SettingsTable schema={extension.protectedSchema} label="Protected settings" />
      </section>
      <section aria-labelledby="versions">
        <Title order={2} size="h3" mb="sm" id="versions">
          Versions
        </Title>
        <div className="panel">
          <Table.ScrollContainer minWidth={640}>
            <Table verticalSpacing="sm" horizontalSpacing="md" aria-label="Versions">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Version</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Published</Table.Th>
                  <Table.Th>Size</Table.Th>
                  <Table.Th>Signed by</Table.Th>
                  <Table.Th>Digest</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {extension.versions.map((version) => (
                  <Table.Tr key={version.version}>
                    <Table.Td fw={600}>{version.version}</Table.Td>
                    <Table.Td>
                      <Chip shown={versionState(version.state)} />
                    </Table.Td>
                    <Table.Td style={{ whiteSpace: "nowrap" }}>
                      <Ago time={version.publishedAt} />
                    </Table.Td>
                    <Table.Td style={{ whiteSpace: "nowrap" }}>{bytes(version.size)}</Table.Td>
                    <Table.Td className="mono" title={version.keyId}>
                      {shortened(version.keyId, 16)}
                    </Table.Td>
                    <Table.Td className="mono" title={version.digest}>
                      {shortened(version.digest, 19)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </div>
      </section>
    </>
  );
}
