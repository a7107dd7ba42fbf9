import type { RepositoryStatus } from "../api/backupTypes";
import { bytes } from "../show/format";

const WIDE = 84;
const HIGH = 20;

/** How large it was day by day, as a small line; nothing before there are two days. */
export function Sizes({ sizes }: { sizes: RepositoryStatus["sizes"] }) {
  const first = sizes[0];
  const last = sizes.at(-1);
  if (!first || !last || first === last) {
    return null;
  }
  const days = last.day - first.day;
  const top = Math.max(...sizes.map((one) => one.bytes), 1);
  const points = sizes.map(
    (one) => `${((one.day - first.day) / days) * WIDE},${HIGH - 2 - (one.bytes / top) * (HIGH - 4)}`,
  );
  return (
    <svg
      width={WIDE}
      height={HIGH}
      viewBox={`0 0 ${WIDE} ${HIGH}`}
      role="img"
      aria-label={`From ${bytes(first.bytes)} to ${bytes(last.bytes)} in ${days} d`}
      style={{ display: "block", marginTop: 3 }}
    >
      <polyline points={points.join(" ")} fill="none" stroke="var(--tone-busy-dot)" strokeWidth={1.6} />
    </svg>
  );
}
