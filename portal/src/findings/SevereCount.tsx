import { useFindings } from "../api/findings";
import { counted } from "./findingWords";

/** How many open findings are high or critical, for the navigation; nothing where there are none. */
export function SevereCount() {
  const severe = useFindings({ machine: "", extension: "", type: "", severity: "high", state: "open" });
  if (!severe.data || severe.data.items.length === 0) {
    return null;
  }
  const amount = counted(severe.data);
  return (
    <span className="count tone-bad" data-testid="severe">
      {amount}
      <span className="for-readers"> open, high or critical</span>
    </span>
  );
}
