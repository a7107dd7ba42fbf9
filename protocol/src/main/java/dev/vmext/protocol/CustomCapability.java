package dev.vmext.protocol;

/** Names of the custom capabilities of vmext's OpAMP profile (docs/reference/agent-protocol.md) and of their message types. */
public final class CustomCapability {
    /** Full status documents; the payload is {@code status.StatusReportCodec}'s. */
    public static final String STATUS = "vmext.status/v1";

    /** Agent to server: the status of one installation. */
    public static final String STATUS_REPORT = "report";

    /** Server to agent: send the status of all installations again. */
    public static final String STATUS_REQUEST = "request";

    /** Server to agent: a report is stored for good, the agent need not send it again; {@code link.StatusAck}. */
    public static final String STATUS_ACK = "ack";

    /** The machine's key for protected settings. */
    public static final String KEYS = "vmext.keys/v1";

    /** Agent to server: the settings certificate. */
    public static final String KEYS_PUBLISH = "publish";

    /** Server to agent: make a new settings key. */
    public static final String KEYS_ROTATE = "rotate";

    /** The agent's own log, read on demand. */
    public static final String LOGS = "vmext.logs/v1";

    /** Server to agent: send the end of your log; {@code link.LogRequest}. */
    public static final String LOGS_REQUEST = "request";

    /** Agent to server: the end of the log; {@code link.LogAnswer}. */
    public static final String LOGS_TEXT = "text";

    /** Logs that are read on: the agent's own and those of handlers. */
    public static final String LOG_FILES = "vmext.logs/v2";

    /** Server to agent: what came after this cursor; {@code link.LogRead}. */
    public static final String LOG_FILES_READ = "read";

    /** Agent to server: that; {@code link.LogPiece}. */
    public static final String LOG_FILES_PIECE = "piece";

    /** What time it is. */
    public static final String CLOCK = "vmext.clock/v1";

    /** Server to agent, in its first answer: the server's time; {@code link.ClockReading}. */
    public static final String CLOCK_NOW = "now";

    /** Run-once commands; payloads are those of package {@code exec}. */
    public static final String EXEC = "vmext.exec/v1";

    /** Server to agent: run this once; {@code exec.CommandStart}. */
    public static final String EXEC_START = "start";

    /** Agent to server: the command is written down, from here on it runs at most once; {@code exec.CommandMark}. */
    public static final String EXEC_ACCEPTED = "accepted";

    /** Agent to server: a piece of output; {@code exec.CommandOutput}. */
    public static final String EXEC_OUTPUT = "output";

    /** Server to agent: output and perhaps the end are stored; {@code exec.CommandPosition}. */
    public static final String EXEC_ACK = "ack";

    /** Server to agent: stop it; {@code exec.CommandMark}. */
    public static final String EXEC_CANCEL = "cancel";

    /** Agent to server: how it ended; {@code exec.CommandExit}. */
    public static final String EXEC_EXIT = "exit";

    /** Server to agent: go on from here, on a new connection; {@code exec.CommandPosition}. */
    public static final String EXEC_RESUME = "resume";
    /** An agent examines its machine. */
    public static final String DIAGNOSE = "vmext.diagnose/v1";

    /** Server to agent: examine yourself; {@code link.DiagnosisRequest}. */
    public static final String DIAGNOSE_REQUEST = "request";

    /** Agent to server: a piece of what was found; {@code link.DiagnosisPart}. */
    public static final String DIAGNOSE_PART = "part";

    /** What extensions detected; payloads are those of package {@code finding}. */
    public static final String FINDINGS = "vmext.findings/v1";

    /** Agent to server: the oldest findings that are not acknowledged; {@code finding.FindingBatch}. */
    public static final String FINDINGS_BATCH = "batch";

    /** Server to agent: stored for good up to here; {@code finding.FindingAck}. */
    public static final String FINDINGS_ACK = "ack";

    /** A machine holds still for a moment; payloads are those of package {@code freeze}. */
    public static final String FREEZE = "vmext.freeze/v1";

    /** Server to agent: freeze your file systems; {@code freeze.FreezeRequest}. */
    public static final String FREEZE_HOLD = "hold";

    /** Agent to server: they are, or why not; {@code freeze.FreezeAnswer}. */
    public static final String FREEZE_HELD = "held";

    /** Server to agent: let go; {@code freeze.FreezeMark}. */
    public static final String FREEZE_RELEASE = "release";

    /** Agent to server: done, and whether it held until then; {@code freeze.FreezeAnswer}. */
    public static final String FREEZE_RELEASED = "released";

    private CustomCapability() {}
}
