import { Text } from "@mantine/core";
import { useMay } from "../api/queries";
import { InstallLink } from "../installations/InstallLink";

/** The extension that brings a machine's own metrics. */
export const METRICS_EXTENSION = "vmext.Metrics";

interface NoMetricsProps {
  machine: string;
  /** Whether vmext.Metrics is wanted here already. */
  wanted: boolean;
}

/** What somebody does whose machine measures nothing. */
export function NoMetrics({ machine, wanted }: NoMetricsProps) {
  const may = useMay("installation-write");
  return (
    <div className="panel" style={{ padding: 24 }}>
      <Text fw={600}>{wanted ? "No values have come in yet" : "This machine measures nothing yet"}</Text>
      <Text c="dimmed" size="sm" mt={2}>
        {wanted
          ? `${METRICS_EXTENSION} is wanted here: charts show up about a minute after it is healthy.`
          : `${METRICS_EXTENSION} brings processors, memory, disks, network and services. Other extensions can bring their own.`}
      </Text>
      {!wanted && may && (
        <div style={{ marginTop: 10 }}>
          <InstallLink machine={machine} extension={METRICS_EXTENSION} />
        </div>
      )}
    </div>
  );
}
