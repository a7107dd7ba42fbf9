// The bodies of the public HTTP API about what is found, measured and told, as dev.vmext.protocol.api declares them in Java.

export type Severity = "info" | "low" | "medium" | "high" | "critical";

export interface FindingView {
  id: string;
  project: string;
  /** Empty for what is about no machine; stays when the machine is gone. */
  machine: string;
  /** machine, alert or control-plane */
  source: string;
  installation: string;
  extension: string;
  type: string;
  subject: string;
  severity: string;
  /** open, acknowledged or resolved */
  state: string;
  since: string;
  title: string;
  evidence: Record<string, string>;
  firstSeen: string;
  lastSeen: string;
  count: number;
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  note: string | null;
  /** reported, aged, installation-removed or machine-removed */
  resolution: string | null;
}

export interface FindingPage {
  items: FindingView[];
  /** What to ask with for those that follow. */
  next: string | null;
}

export interface WebhookCreate {
  name: string;
  url: string;
  secret: string;
  events: string[] | null;
  types: string[] | null;
  severity: string | null;
}

export interface WebhookView {
  name: string;
  project: string;
  url: string;
  events: string[];
  types: string[];
  severity: string;
  createdBy: string;
  createdAt: string;
  waiting: number;
  lost: number;
  lastDelivered: string | null;
  failingSince: string | null;
  retryAt: string | null;
  lastError: string | null;
}

export interface WebhookTest {
  message: string;
  status: number;
}

export interface MetricSeries {
  name: string;
  labels: Record<string, string>;
  /** counter or gauge */
  kind: string;
  time: string;
  value: number | null;
  ended: boolean;
}

export interface MachineMetrics {
  machine: string;
  series: MetricSeries[];
  refused: number;
  refusedAt: string | null;
  refusedReason: string | null;
}

export interface MetricRangeSeries {
  name: string;
  labels: Record<string, string>;
  kind: string;
  /** One per step, null where there is none. */
  values: (number | null)[];
}

export interface MetricRange {
  name: string;
  from: string;
  stepSeconds: number;
  steps: number;
  aggregate: string;
  series: MetricRangeSeries[];
}

export interface AlertView {
  rule: string;
  machine: string;
  labels: Record<string, string>;
  /** pending, firing or resolved */
  state: string;
  severity: string;
  value: number;
  summary: string;
  hint: string;
  since: string;
  firedAt: string | null;
  silenced: boolean;
}

/** Times are in whole seconds; what is missing has a default. */
export interface AlertRuleWrite {
  summary: string;
  hint?: string | null;
  severity: string;
  machines?: Record<string, string> | null;
  metric: string;
  where?: string[] | null;
  dividedBy?: string | null;
  combine?: string | null;
  by?: string[] | null;
  kind: string;
  comparison?: string | null;
  limit?: number | null;
  windowSeconds?: number | null;
  aheadSeconds?: number | null;
  memorySeconds?: number | null;
  lastsSeconds?: number | null;
  clearsSeconds?: number | null;
  enabled?: boolean | null;
}

export interface AlertRuleView {
  name: string;
  /** default, changed or own */
  origin: string;
  rule: AlertRuleWrite;
  firing: number;
}

export interface SilenceCreate {
  matchers: string[];
  comment: string;
  from: string | null;
  seconds: number;
}

export interface SilenceView {
  id: string;
  matchers: string[];
  comment: string;
  from: string;
  until: string;
  createdBy: string;
  createdAt: string;
  /** waiting, active or over */
  state: string;
  covers: number;
}

export interface AvailabilityShare {
  /** day, week or month */
  window: string;
  /** Of the time about which something is known; null when nothing is. */
  percent: number | null;
  known: number;
}

export interface AvailabilityView {
  /** machine, installation or probe */
  kind: string;
  name: string;
  installation: string;
  /** healthy, unhealthy or unknown */
  state: string;
  shares: AvailabilityShare[];
}
