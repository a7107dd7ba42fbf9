import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import { keys, projectPath, useInterval } from "./queries";
import type { FindingPage, FindingView } from "./watchTypes";

export interface FindingFilter {
  machine: string;
  extension: string;
  type: string;
  /** This one or a worse one. */
  severity: string;
  /** Of open, acknowledged and resolved, with commas between. */
  state: string;
}

export const NO_FILTER: FindingFilter = { machine: "", extension: "", type: "", severity: "", state: "" };
export const FINDINGS_PER_PAGE = 50;
/** So many are counted one by one; above it is "99+". */
export const COUNTED = 100;

/** The query of a list of findings; what is empty is left away. */
export function findingQuery(filter: FindingFilter, limit: number, after = ""): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, limit: String(limit), after })) {
    if (value) {
      query.set(name, value);
    }
  }
  return `${projectPath("findings")}?${query.toString()}`;
}

/** Page after page of what was found, seen last first. */
export function useFindingPages(filter: FindingFilter) {
  return useInfiniteQuery({
    queryKey: [...keys.findings, "pages", filter],
    queryFn: ({ pageParam, signal }) =>
      call<FindingPage>("GET", findingQuery(filter, FINDINGS_PER_PAGE, pageParam), { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: useInterval(),
  });
}

/** The newest of them, as many as are counted. */
export function useFindings(filter: FindingFilter) {
  return useQuery({
    queryKey: [...keys.findings, "newest", filter],
    queryFn: ({ signal }) => call<FindingPage>("GET", findingQuery(filter, COUNTED), { signal }),
    refetchInterval: useInterval(),
  });
}

export function useFinding(id: string) {
  return useQuery({
    queryKey: [...keys.findings, "one", id],
    queryFn: ({ signal }) => call<FindingView>("GET", projectPath("findings", id), { signal }),
    refetchInterval: useInterval(),
  });
}

export function useAcknowledge() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, note }: { id: string; note: string }) =>
      call<FindingView>("POST", `${projectPath("findings", id)}/acknowledge`, { body: { note: note || null } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.findings }),
  });
}
