// The bodies of the public HTTP API about backups, as dev.vmext.protocol.api declares them in Java.

export interface RepositoryPolicy {
  keepLast: number;
  keepHourly: number;
  keepDaily: number;
  keepWeekly: number;
  keepMonthly: number;
  keepYearly: number;
  keepWithin: string;
  pruneHours: number;
  quotaMiB: number;
  overdueHours: number;
  checkHours: number;
  checkPercent: number;
  proofHours: number;
  proofMaxAgeHours: number;
  proofProgram: string;
  proofInclude: string[];
  replica: string;
  replicaHours: number;
  replicaLagHours: number;
}

export interface WorkOutcome {
  at: string;
  good: boolean;
  message: string;
  seconds: number;
}

export interface ProofOutcome {
  at: string;
  good: boolean;
  message: string;
  snapshot: string;
  snapshotTime: string | null;
  recoveryPointSeconds: number;
  recoverySeconds: number;
  files: number;
  bytes: number;
}

export interface ReplicationOutcome extends WorkOutcome {
  snapshots: number;
  missing: number;
  behindSince: string | null;
}

export interface RepositoryStatus {
  measuredAt: string | null;
  lastBackup: string | null;
  snapshots: number;
  bytes: number;
  grownBytes: number;
  sizes: { day: number; bytes: number }[];
  lastPrune: WorkOutcome | null;
  lastCheck: WorkOutcome | null;
  lastProof: ProofOutcome | null;
  lastReplication: ReplicationOutcome | null;
}

export interface RepositoryView {
  project: string;
  machine: string;
  machineId: string;
  machineExists: boolean;
  installation: string;
  inUse: boolean;
  createdAt: string;
  policy: RepositoryPolicy;
  replicaSecrets: string[];
  status: RepositoryStatus;
  /** check, prove, replicate or prune */
  running: string | null;
}

/** One backup in a repository. */
export interface BackupSnapshot {
  /** 64 hexadecimal digits */
  id: string;
  /** When the machine says that it was taken. */
  time: string;
  host: string;
  paths: string[];
  tags: string[];
}
