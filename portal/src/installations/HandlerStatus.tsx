import { Group, Text } from "@mantine/core";
import type { InstallationView, SubstatusView } from "../api/types";
import { Mark } from "../show/Chip";
import { capitalize } from "../show/format";
import { Output } from "../show/Output";
import { statusTone } from "../show/states";

/** What the handler said about itself, and about its parts. */
export function HandlerStatus({ installation }: { installation: InstallationView }) {
  const { status } = installation;
  if (!status) {
    return (
      <Text size="sm" c="dimmed">
        Its handler has not said anything for these settings yet.
      </Text>
    );
  }
  return (
    <div>
      <Group gap="sm" align="start" wrap="nowrap">
        <Mark tone={statusTone(status.status)}>{capitalize(status.status)}</Mark>
        <div style={{ minWidth: 0 }}>
          <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
            {status.message || "No message"}
          </Text>
          <Text size="xs" c="dimmed" mt={2}>
            {[status.operation, status.code && `code ${status.code}`].filter(Boolean).join(" · ")}
          </Text>
        </div>
      </Group>
      {status.substatus.length > 0 && (
        <ul className="substatus" style={{ marginTop: 10 }} aria-label="Parts">
          {status.substatus.map((part) => (
            <li key={part.name}>
              <Group gap={9} wrap="nowrap" align="baseline">
                <span className={`dot tone-${statusTone(part.status)}`} aria-hidden="true" />
                <div style={{ minWidth: 0, flex: 1 }}>
                  <Text size="sm" span fw={600}>
                    {part.name}
                  </Text>
                  <Text size="xs" span c="dimmed" ml={8}>
                    {[part.status, part.code && part.code !== "0" && `code ${part.code}`].filter(Boolean).join(" · ")}
                  </Text>
                  <PartMessage part={part} installation={installation.name} />
                </div>
              </Group>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What a program wrote, and anything of several lines, keeps its lines. */
function PartMessage({ part, installation }: { part: SubstatusView; installation: string }) {
  const text = part.message;
  if (text === "") {
    return null;
  }
  if (text.trimEnd().includes("\n") || part.name === "stdout" || part.name === "stderr") {
    return (
      <div style={{ marginTop: 5 }}>
        <Output text={text} label={`${part.name} of ${installation}`} follow />
      </div>
    );
  }
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      {text}
    </Text>
  );
}
