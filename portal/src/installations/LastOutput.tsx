import { Text } from "@mantine/core";
import type { InstallationView } from "../api/types";
import { Output } from "../show/Output";

/** What the handler's last command wrote, and how it ended. */
export function LastOutput({ installation }: { installation: InstallationView }) {
  const { output, exitCode, name } = installation;
  if (!output && (exitCode === null || exitCode === 0)) {
    return null;
  }
  return (
    <div style={{ marginTop: 14 }}>
      <Text size="xs" c="dimmed" mb={5}>
        {output ? "Last output" : "The last command wrote nothing"}
        {exitCode !== null && ` · exit code ${exitCode}`}
      </Text>
      {output && <Output text={output} label={`Output of ${name}`} follow />}
    </div>
  );
}
