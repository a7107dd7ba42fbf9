package dev.vmext.agent.cause;

import java.util.Map;
import java.util.Optional;

/** What exit codes of commands mean, where they mean anything: those of a shell and of signals (signal(7)), and azure-contract 1.10. */
public final class Exits {
    private static final int SIGNAL_BASE = 128;
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(31, "SIGSYS"));

    /** The command was found and cannot be run. */
    public static final int NOT_EXECUTABLE = 126;

    /** The command was not found. */
    public static final int NOT_FOUND = 127;

    private Exits() {}

    /** The signal that ended the command, as the shell that ran it says. */
    public static Optional<String> signal(int code) {
        return Optional.ofNullable(SIGNALS.get(code - SIGNAL_BASE));
    }

    /** What handlers mean by convention. */
    public static Optional<String> convention(int code) {
        return switch (code) {
            case 51 -> Optional.of("unsupported operating system");
            case 52 -> Optional.of("missing dependency");
            case 53 -> Optional.of("configuration error");
            default -> Optional.empty();
        };
    }
}
