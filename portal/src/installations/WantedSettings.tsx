import { Badge, Code, Divider, Group, Text } from "@mantine/core";
import type { InstallationView } from "../api/types";
import { askedVersion } from "../show/format";
import { Ago } from "../show/Time";

/** The settings wanted; of the protected ones only the names, which is all the API tells. */
export function WantedSettings({ installation }: { installation: InstallationView }) {
  const { settings, protectedKeys, after, sequence, appliedSequence, constraint } = installation;
  return (
    <div>
      {Object.keys(settings).length > 0 ? (
        <dl className="facts">
          {Object.entries(settings).map(([key, value]) => (
            <Setting key={key} name={key} value={value} />
          ))}
        </dl>
      ) : (
        <Text size="sm" c="dimmed">
          No settings: the extension's own defaults.
        </Text>
      )}
      <Divider my="sm" />
      <dl className="facts">
        <dt>Protected</dt>
        <dd>
          {protectedKeys.length > 0 ? (
            <Group gap={6}>
              {protectedKeys.map((key) => (
                <Badge key={key} variant="default" radius="sm" tt="none" fw={500} className="mono">
                  {key}
                </Badge>
              ))}
              <Text size="xs" c="dimmed">
                encrypted, shown to nobody
              </Text>
            </Group>
          ) : (
            "none"
          )}
        </dd>
        <dt>Version asked for</dt>
        <dd>{askedVersion(constraint) || "newest"}</dd>
        {after.length > 0 && (
          <>
            <dt>After</dt>
            <dd>{after.join(", ")}</dd>
          </>
        )}
        <dt>Sequence</dt>
        <dd>
          {sequence}
          {appliedSequence !== sequence &&
            (appliedSequence < 0 ? ", not applied yet" : `, machine is at ${appliedSequence}`)}
        </dd>
        <dt>Changed</dt>
        <dd>
          <Ago time={installation.changedAt} />
        </dd>
      </dl>
    </div>
  );
}

/** Scripts keep their lines; lists and groups are shown as JSON. */
function Setting({ name, value }: { name: string; value: unknown }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <>
      <dt className="mono">{name}</dt>
      <dd>
        {text.includes("\n") ? (
          <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", maxHeight: 320, overflow: "auto" }}>
            {text}
          </Code>
        ) : (
          <span className="mono">{text}</span>
        )}
      </dd>
    </>
  );
}
