import { Text } from "@mantine/core";
import type { CauseView } from "../api/types";
import { factName } from "../show/format";
import { Note } from "../show/Note";
import { causeTitle, causeTone } from "../show/states";

/** Why an installation is not healthy, or what it waits for; what to do; and what the agent saw. */
export function Cause({ cause, state, title }: { cause: CauseView; state: string; title?: string }) {
  const tone = causeTone(state);
  const evidence = Object.entries(cause.evidence);
  return (
    <Note tone={tone} title={title ?? causeTitle(cause.kind)}>
      <Text size="sm" mt={2} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {cause.message}
      </Text>
      {cause.hint && (
        <Text size="sm" mt={6} style={{ overflowWrap: "anywhere" }}>
          {(tone === "bad" || tone === "warn") && <b>What to do: </b>}
          {cause.hint}
        </Text>
      )}
      <dl className="facts" style={{ marginTop: 10 }}>
        <dt>Step</dt>
        <dd className="mono">{cause.step}</dd>
        {evidence.map(([key, value]) => (
          <Evidence key={key} name={factName(key)} value={value} />
        ))}
      </dl>
    </Note>
  );
}

function Evidence({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono" style={{ whiteSpace: "pre-wrap" }}>
        {value}
      </dd>
    </>
  );
}
