import { Text } from "@mantine/core";
import type { ItemView, RemovalView } from "../api/types";

/** What an uninstall did. What was left behind comes first and open: somebody may have to do something about it. */
export function Removal({ report }: { report: RemovalView }) {
  return (
    <div style={{ marginTop: 8 }}>
      <Text size="sm">{removalSummary(report)}</Text>
      <Items title="Left behind, undeclared" items={report.left} open />
      <Items title="Kept, as its package declares" items={report.kept} />
      <Items title="Gone" items={report.gone} />
    </div>
  );
}

export function removalSummary(report: RemovalView): string {
  const parts = [
    `${report.gone.length} gone`,
    `${report.kept.length} kept as declared`,
    `${report.left.length} left behind`,
  ];
  if (report.more > 0) {
    parts.push(`${report.more} more not listed`);
  }
  return parts.join(", ");
}

function Items({ title, items, open = false }: { title: string; items: ItemView[]; open?: boolean }) {
  if (items.length === 0) {
    return null;
  }
  return (
    <details className="more" open={open}>
      <summary>
        {title} ({items.length})
      </summary>
      <ul style={{ margin: "6px 0 0", paddingLeft: 20 }}>
        {items.map((item) => (
          <li key={`${item.kind} ${item.name}`}>
            <Text size="sm" span c="dimmed">
              {item.kind}{" "}
            </Text>
            <span className="mono" style={{ overflowWrap: "anywhere" }}>
              {item.name}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
