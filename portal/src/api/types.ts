// The bodies of the public HTTP API, as dev.vmext.protocol.api declares them in Java. Only what the portal reads or sends.

export interface Problem {
  type: string;
  title: string;
  status: number;
  /** "cannot <verb> <thing>: <why>" */
  detail: string;
  code: string;
  /** What to do about it. */
  hint: string;
  retry: boolean;
}

export interface Items<T> {
  items: T[];
}

export interface Session {
  subject: string;
  permissions: string[];
}

export type MachineState = "expected" | "provisioning" | "online" | "offline" | "deleting";

export interface MachineView {
  id: string;
  name: string;
  project: string;
  provider: string;
  state: string;
  power: string | null;
  message: string | null;
  progress: number | null;
  problem: Problem | null;
  labels: Record<string, string>;
  facts: Record<string, string>;
  cpus: number | null;
  memoryMiB: number | null;
  diskGiB: number | null;
  goalGeneration: number;
  appliedGeneration: number;
  installations: number;
  healthyInstallations: number;
  createdAt: string;
  enrolledAt: string | null;
  lastSeen: string | null;
  unmanaged: UnmanagedView[];
}

/** Something that is, or may be, on a machine although nobody wants it here. */
export interface UnmanagedView {
  name: string;
  extension: string;
  version: string | null;
  state: string;
  at: string;
  /** Whether the machine has spoken of it since nobody manages it; while false it only may be there. */
  reported: boolean;
}

/** A line of the history of a machine: an installation that it had. */
export interface RemovedView {
  machine: string;
  name: string;
  extension: string;
  version: string | null;
  at: string;
  /** uninstalled or forgotten */
  how: string;
  report: RemovalView | null;
}

export type InstallationState =
  | "waiting-machine"
  | "pending"
  | "waiting-package"
  | "waiting-lease"
  | "blocked"
  | "installing"
  | "enabling"
  | "ready"
  | "updating"
  | "returned"
  | "disabling"
  | "removing"
  | "removed"
  | "failed"
  | "timed-out";

export interface CauseView {
  kind: string;
  step: string;
  message: string;
  hint: string;
  evidence: Record<string, string>;
}

export interface SubstatusView {
  name: string;
  status: string;
  code: string;
  message: string;
}

export interface StatusView {
  operation: string;
  status: string;
  code: string;
  message: string;
  substatus: SubstatusView[];
}

export type OrderKind = "cancel" | "retry" | "reset" | "release";

export interface OrderView {
  number: number;
  kind: string;
  at: string;
  /** waiting-machine, acknowledged or taken */
  progress: string;
}

/** A version that was tried and did not stay. */
export interface AttemptedView {
  version: string;
  cause: CauseView;
  at: string;
  heldUntil: string | null;
}

export interface OverdueView {
  since: string;
  cause: CauseView;
}

/** Peaks are 0 when unknown. */
export interface UsageView {
  budgeted: boolean;
  cpuMillis: number;
  memoryPeakKiB: number;
  tasksPeak: number;
  diskKiB: number;
}

export interface ItemView {
  kind: string;
  name: string;
}

/** What an uninstall took away, left as declared, and left undeclared. */
export interface RemovalView {
  gone: ItemView[];
  kept: ItemView[];
  left: ItemView[];
  /** How many more there were than are listed. */
  more: number;
}

export type JsonObject = Record<string, unknown>;

export interface InstallationView {
  machine: string;
  name: string;
  extension: string;
  constraint: string;
  version: string;
  runningVersion: string | null;
  category: string;
  kind: string;
  state: string;
  healthy: boolean;
  cause: CauseView | null;
  status: StatusView | null;
  output: string;
  exitCode: number | null;
  attempt: number;
  settings: JsonObject;
  protectedKeys: string[];
  after: string[];
  sequence: number;
  appliedSequence: number;
  removing: boolean;
  createdAt: string;
  changedAt: string;
  stateSince: string;
  order: OrderView | null;
  offered: string[];
  attempted: AttemptedView | null;
  usage: UsageView | null;
  removal: RemovalView | null;
  /** active, deprecated, insecure or withdrawn */
  versionState: string;
  expiresAt: string | null;
  overdue: OverdueView | null;
  /** Seconds by handler command, where they are not the package's own. */
  deadlines: Record<string, number>;
}

export interface InstallationWrite {
  extension: string;
  version: string | null;
  settings: JsonObject | null;
  /** null keeps what is stored, an empty object removes it. */
  protectedSettings: JsonObject | null;
  after: string[] | null;
  rerun: boolean | null;
  /** null is none: the package's own hold. */
  deadlines: Record<string, number> | null;
}

export interface VersionView {
  version: string;
  state: string;
  digest: string;
  size: number;
  keyId: string;
  publishedAt: string;
}

export interface ExtensionView {
  name: string;
  displayName: string;
  description: string;
  category: string;
  kind: string;
  instances: string;
  scripts: boolean;
  platforms: string[];
  providers: string[];
  latest: string;
  settingsSchema: JsonObject | null;
  protectedSchema: JsonObject | null;
  uiSchema: JsonObject | null;
  versions: VersionView[];
}

export interface ServerStatus {
  version: string;
  startedAt: string;
  home: string;
  api: string;
  gateway: string;
  caDigest: string;
  machines: Record<string, number>;
  installations: Record<string, number>;
  extensions: number;
  connectedAgents: number;
}

export interface LogText {
  machine: string;
  source: string;
  text: string;
  truncated: boolean;
}

export interface ChangeEvent {
  id: number;
  kind: string;
  project: string;
  machine: string;
  name: string;
  gone: boolean;
}

export type CommandState =
  "waiting-machine" | "running" | "exited" | "cancelled" | "timed-out" | "interrupted" | "refused" | "expired";

/** A run-once command. Its script is not kept. */
export interface CommandView {
  id: string;
  machine: string;
  state: CommandState;
  interpreter: string;
  user: string | null;
  folder: string;
  timeoutSeconds: number;
  exitCode: number | null;
  cause: CauseView | null;
  cancelling: boolean;
  outBytes: number;
  errBytes: number;
  truncated: boolean;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface CommandCreate {
  script: string;
  interpreter?: string;
  user?: string;
}

/** A piece of one of a command's two streams; data is base64. */
export interface CommandPiece {
  stream: string;
  offset: number;
  data: string;
}
