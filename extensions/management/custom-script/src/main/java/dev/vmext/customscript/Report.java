package dev.vmext.customscript;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Redactor;
import dev.vmext.extensionkit.Status;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Says in one status how a script ended: what happened, the last lines it wrote, and what to look at. */
final class Report {
    private static final int LINES = 5;
    private static final int CHARACTERS = 800;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 6, "SIGABRT", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 13,
            "SIGPIPE", 15, "SIGTERM");

    private Report() {}

    static Status of(ScriptRun.Ending ending, ScriptSettings settings, ScriptRun run, Redactor redactor)
            throws IOException {
        String out = run.standardOutput().tail(CHARACTERS, redactor, false);
        String err = run.standardError().tail(CHARACTERS, redactor, false);
        if (ending.timedOut()) {
            return Status.error(
                    ExitCode.EXECUTION,
                    "The script was stopped: it had not ended after %d s (timeoutSeconds). %s%s"
                            .formatted(
                                    settings.timeout().toSeconds(),
                                    ending.allEnded() ? "" : "Some of its processes could not be ended. ",
                                    lastLines(err.isBlank() ? out : err)));
        }
        int code = ending.exitCode();
        if (code == 0) {
            return Status.success("The script ended with exit code 0 after %d s. %s"
                    .formatted(ending.seconds(), lastLines(out.isBlank() ? err : out)));
        }
        return Status.error(
                code,
                "The script failed with exit code %d%s after %d s. %s"
                        .formatted(code, meaning(code), ending.seconds(), lastLines(err.isBlank() ? out : err)));
    }

    private static String meaning(int code) {
        if (code == 126) {
            return " (a program was found but could not be executed)";
        }
        if (code == 127) {
            return " (a program it called was not found)";
        }
        if (code == 137) {
            return " (it was killed with SIGKILL, often because memory ran out)";
        }
        return code > 128 && code < 160
                ? " (it was ended by " + SIGNALS.getOrDefault(code - 128, "signal " + (code - 128)) + ")"
                : "";
    }

    private static String lastLines(String output) {
        List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
        if (lines.isEmpty()) {
            return "It wrote nothing.";
        }
        return "Last lines:\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }
}
