package dev.vmext.firewall;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.machine.Programs;
import java.time.Duration;
import java.util.List;

/** The table in the kernel, through the program nft. Every change is one transaction: all of it or nothing. */
final class Table {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Programs programs;
    private final String nft;

    Table(Programs programs, String nft) {
        this.programs = programs;
        this.nft = nft;
    }

    /** Checks the text and then loads it; when either fails, the rules before it stay in force. */
    void replace(String text) {
        refuse(programs.run(TIMEOUT, text, List.of(nft, "-c", "-f", "-")), "check");
        refuse(programs.run(TIMEOUT, text, List.of(nft, "-f", "-")), "load");
    }

    void remove() {
        refuse(programs.run(TIMEOUT, RuleCompiler.removal(), List.of(nft, "-f", "-")), "remove");
    }

    /** The rules as the kernel has them now, counters included. */
    String list() {
        Programs.Result result = programs.run(TIMEOUT, "", List.of(nft, "list", "table", "inet", "vmext_firewall"));
        refuse(result, "list");
        return result.output();
    }

    private void refuse(Programs.Result result, String verb) {
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot %s the rules: %s ended with %d: %s"
                            .formatted(verb, nft, result.exitCode(), result.lastLines()),
                    "The rules that were in force before are unchanged. nft needs root and a kernel with nf_tables.");
        }
    }
}
