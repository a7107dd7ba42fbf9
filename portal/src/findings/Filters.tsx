import { Autocomplete, Button, Select, SegmentedControl } from "@mantine/core";
import type { FindingFilter } from "../api/findings";
import { useExtensions, useMachines } from "../api/queries";
import type { FindingView } from "../api/watchTypes";
import classes from "./Filters.module.css";
import { SEVERITIES, severity } from "./findingWords";

const STATES = [
  { value: "open", label: "Open" },
  { value: "acknowledged", label: "Acknowledged" },
  { value: "resolved", label: "Resolved" },
  { value: "all", label: "All" },
];

interface FiltersProps {
  filter: FindingFilter;
  /** What is on the page: its types are offered. */
  shown: FindingView[];
  onChange: (filter: FindingFilter) => void;
}

/** Which findings to show. */
export function Filters({ filter, shown, onChange }: FiltersProps) {
  const machines = useMachines();
  const extensions = useExtensions();
  const set = (part: Partial<FindingFilter>) => onChange({ ...filter, ...part });
  const narrowed = filter.machine || filter.extension || filter.type || filter.severity;
  return (
    <div>
      <div className={classes.states}>
        <SegmentedControl
          aria-label="State"
          data={STATES}
          value={filter.state === "" ? "all" : filter.state}
          onChange={(value) => set({ state: value === "all" ? "" : value })}
        />
      </div>
      <div className={classes.filters}>
        <Select
          label="Severity"
          placeholder="Any"
          data={SEVERITIES.toReversed().map((word) => ({
            value: word,
            label:
              word === "critical" ? "Critical" : word === "info" ? "Info or worse" : `${severity(word).label} or worse`,
          }))}
          value={filter.severity || null}
          onChange={(value) => set({ severity: value ?? "" })}
          clearable
        />
        <Select
          label="Machine"
          placeholder="Any"
          data={names(
            (machines.data ?? []).map((one) => one.name),
            filter.machine,
          )}
          value={filter.machine || null}
          onChange={(value) => set({ machine: value ?? "" })}
          searchable
          clearable
        />
        <Select
          label="Extension"
          placeholder="Any"
          data={names(
            (extensions.data ?? []).map((one) => one.name),
            filter.extension,
          )}
          value={filter.extension || null}
          onChange={(value) => set({ extension: value ?? "" })}
          searchable
          clearable
        />
        <Autocomplete
          label="Type"
          placeholder="Any"
          data={names(
            shown.map((one) => one.type),
            "",
          )}
          value={filter.type}
          onChange={(value) => set({ type: value.trim() })}
          clearable
        />
        {narrowed && (
          <Button
            variant="subtle"
            color="gray"
            style={{ justifySelf: "start" }}
            onClick={() => set({ machine: "", extension: "", type: "", severity: "" })}
          >
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}

/** Each once, and the chosen one also when it is not there any more. */
function names(all: string[], chosen: string): string[] {
  return [...new Set(chosen ? [...all, chosen] : all)].sort();
}
