import { Text } from "@mantine/core";
import type { FindingView } from "../api/watchTypes";
import { count, factName } from "../show/format";
import { Note } from "../show/Note";
import { Ago } from "../show/Time";
import { foundBy, resolutionText } from "./findingWords";

/** All that is known of a finding. Subject, title and evidence come from the machine: they are only ever text. */
export function FindingDetails({ finding }: { finding: FindingView }) {
  const evidence = Object.entries(finding.evidence);
  return (
    <>
      {finding.acknowledgedAt && (
        <Note
          tone="busy"
          title={`Acknowledged by ${finding.acknowledgedBy ?? "somebody"}${finding.state === "acknowledged" ? "" : ", before"}`}
        >
          <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {finding.note ? finding.note : "Without a note"} (<Ago time={finding.acknowledgedAt} />)
          </Text>
        </Note>
      )}
      <dl className="facts" style={{ marginTop: finding.acknowledgedAt ? 12 : 0 }}>
        <dt>Subject</dt>
        <dd className="mono">{finding.subject}</dd>
        {evidence.map(([key, value]) => (
          <Evidence key={key} name={key} value={value} />
        ))}
        <dt>Found by</dt>
        <dd>{foundBy(finding)}</dd>
        <dt>Type</dt>
        <dd className="mono">{finding.type}</dd>
        <dt>First seen</dt>
        <dd>
          <Ago time={finding.firstSeen} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <Ago time={finding.lastSeen} />
          {finding.count > 1 && `, seen ${count(finding.count, "time")}`}
        </dd>
        {finding.state === "resolved" && (
          <>
            <dt>Resolved</dt>
            <dd>
              <Ago time={finding.since} />
              {finding.resolution && `: ${resolutionText(finding.resolution)}`}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

function Evidence({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{factName(name)}</dt>
      <dd style={{ whiteSpace: "pre-wrap" }}>{value}</dd>
    </>
  );
}
