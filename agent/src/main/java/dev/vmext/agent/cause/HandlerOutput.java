package dev.vmext.agent.cause;

import static dev.vmext.protocol.status.CauseClass.CONFLICT;
import static dev.vmext.protocol.status.CauseClass.DEPENDENCY;
import static dev.vmext.protocol.status.CauseClass.DISK;
import static dev.vmext.protocol.status.CauseClass.DNS;
import static dev.vmext.protocol.status.CauseClass.HANDLER_CRASH;
import static dev.vmext.protocol.status.CauseClass.HANDLER_EXIT;
import static dev.vmext.protocol.status.CauseClass.LOCK;
import static dev.vmext.protocol.status.CauseClass.MEMORY;
import static dev.vmext.protocol.status.CauseClass.NETWORK;
import static dev.vmext.protocol.status.CauseClass.PERMISSION;
import static dev.vmext.protocol.status.CauseClass.PLATFORM;
import static dev.vmext.protocol.status.CauseClass.REBOOT_PENDING;
import static dev.vmext.protocol.status.CauseClass.SETTINGS;
import static dev.vmext.protocol.status.CauseClass.SIGNATURE;

import dev.vmext.protocol.status.CauseClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds in the last lines of a failed command what it failed of: a table of lines that apt, dpkg, dnf, rpm, curl, python, the shell,
 * systemctl and the loader print. Add a row and a line in the test for it. Pure; any thread.
 *
 * <p>A line that is a cause by itself wins over one that may be the consequence of another ({@code Unable to locate package} after
 * {@code Temporary failure resolving}); among equals the later line wins, and for the same class the line that tells most.
 */
public final class HandlerOutput {
    /** Earlier lines are about what went well. */
    private static final int LINES = 60;

    private static final int LONGEST_LINE = 2000;

    private static final List<OutputRule> RULES = List.of(
            // Locks of package managers
            rule(
                    0,
                    LOCK,
                    "Could not get lock (?<path>/\\S+?)\\.? +(?:- open|It is held by process (?<pid>\\d+) \\((?<holder>[^)]+)\\))",
                    "wait until {holder} (process {pid}) is done, or end it, then ask for a rerun"),
            rule(
                    0,
                    LOCK,
                    "dpkg: error: dpkg (?:frontend lock|database) (?:is|was) locked by (?:another )?process(?: with pid)?(?: (?<pid>\\d+))?",
                    "wait until the other package manager is done, then ask for a rerun"),
            rule(
                    0,
                    LOCK,
                    "Unable to (?:acquire the dpkg frontend lock|lock the administration directory) \\((?<path>[^)]+)\\)",
                    "wait until the other package manager is done, then ask for a rerun"),
            rule(
                    0,
                    LOCK,
                    "Existing lock (?<path>/\\S+): another copy is running as pid (?<pid>\\d+)",
                    "wait until process {pid} is done, then ask for a rerun"),
            rule(
                    0,
                    LOCK,
                    "(?:Waiting for process with pid|Another app is currently holding the yum lock.*pid) (?<pid>\\d+)",
                    "wait until process {pid} is done, then ask for a rerun"),
            rule(
                    0,
                    LOCK,
                    "can't create transaction lock on (?<path>\\S+)",
                    "wait until the other package manager is done, then ask for a rerun"),
            rule(
                    0,
                    LOCK,
                    "(?<path>/\\S+): Text file busy",
                    "the program is running: stop it first",
                    "errno",
                    "ETXTBSY"),
            // What is full, broken or read-only
            rule(
                    0,
                    DISK,
                    "You don't have enough free space in (?<path>/\\S*?)\\.?$",
                    "free space below {path}",
                    "errno",
                    "ENOSPC"),
            rule(0, DISK, pathThen("No space left on device"), Errno.ENOSPC.hint(), "errno", "ENOSPC"),
            rule(0, DISK, "No space left on device", Errno.ENOSPC.hint(), "errno", "ENOSPC"),
            rule(0, DISK, "Disk quota exceeded", Errno.EDQUOT.hint(), "errno", "EDQUOT"),
            rule(0, DISK, pathThen("Read-only file system"), Errno.EROFS.hint(), "errno", "EROFS"),
            rule(0, DISK, "Read-only file system", Errno.EROFS.hint(), "errno", "EROFS"),
            rule(0, DISK, "Input/output error", Errno.EIO.hint(), "errno", "EIO"),
            // Memory and other things of which there is no more
            rule(
                    0,
                    MEMORY,
                    "^(?:\\w+\\.)*MemoryError|java\\.lang\\.OutOfMemoryError|fatal error: (?:runtime: )?out of memory",
                    Errno.ENOMEM.hint(),
                    "errno",
                    "ENOMEM"),
            rule(
                    0,
                    MEMORY,
                    "(?i)cannot allocate memory|virtual memory exhausted",
                    Errno.ENOMEM.hint(),
                    "errno",
                    "ENOMEM"),
            rule(
                    0,
                    MEMORY,
                    "(?i)cannot fork|fork: (?:retry: )?Resource temporarily unavailable|can't start new thread",
                    Errno.EAGAIN.hint(),
                    "errno",
                    "EAGAIN"),
            rule(0, MEMORY, "Too many open files", Errno.EMFILE.hint(), "errno", "EMFILE"),
            // Names and networks
            rule(
                    0,
                    DNS,
                    "(?:Temporary failure resolving|Could not resolve(?: host:?)?) '?(?<host>[A-Za-z0-9._-]+)",
                    "look at the name {host} and at the machine's name servers (/etc/resolv.conf)"),
            rule(
                    0,
                    DNS,
                    "unable to resolve (?:host address|host) ['\u2018\u201c\"](?<host>[A-Za-z0-9._-]+)",
                    "look at the name {host} and at the machine's name servers (/etc/resolv.conf)"),
            rule(
                    0,
                    DNS,
                    "lookup (?<host>[A-Za-z0-9._-]+).*: (?:no such host|server misbehaving|Temporary failure)",
                    "look at the name {host} and at the machine's name servers (/etc/resolv.conf)"),
            rule(
                    0,
                    DNS,
                    "(?:(?<host>[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)+): )?(?:Temporary failure in name resolution|Name or service not known)",
                    "look at the machine's name servers (/etc/resolv.conf, resolvectl status)"),
            rule(
                    0,
                    NETWORK,
                    "Failed to connect to (?<host>\\S+) port (?<port>\\d+)(?: after \\d+ ms)?: (?<why>.+)$",
                    "look whether {host}:{port} can be reached from this machine"),
            rule(
                    0,
                    NETWORK,
                    "Could not connect to (?<host>[^\\s:]+):(?<port>\\d+)",
                    "look whether {host}:{port} can be reached from this machine"),
            rule(
                    0,
                    NETWORK,
                    "(?:SSL certificate problem|certificate verify failed|The certificate of .(?<host>[A-Za-z0-9._-]+). is not trusted)",
                    "look at the machine's list of authorities, its clock, and at proxies in between",
                    "protocol",
                    "TLS"),
            rule(
                    0,
                    NETWORK,
                    "(?:(?<host>[A-Za-z0-9.-]+):? )?(?:Connection refused|Connection timed out|Connection reset by peer|No route to host|Network is unreachable)",
                    "look at the machine's network, its routes, firewalls and proxy settings"),
            rule(
                    1,
                    NETWORK,
                    "Failed to fetch (?<url>\\S+)",
                    "look whether {url} can be reached from this machine, and whether the package lists are fresh"),
            rule(
                    1,
                    NETWORK,
                    "The requested URL returned error: (?<status>\\d+)",
                    "look at the address and who may read it"),
            rule(1, NETWORK, "Hash Sum mismatch", "the mirror is changing or a proxy is in between: try again later"),
            // What is missing
            rule(
                    0,
                    SIGNATURE,
                    "NO_PUBKEY (?<key>[0-9A-F]+)",
                    "install the key {key} of that package source, or remove the source"),
            rule(
                    1,
                    DEPENDENCY,
                    "Unable to locate package (?<package>\\S+)",
                    "look at the name, and at the machine's package sources (apt-get update)"),
            rule(
                    1,
                    DEPENDENCY,
                    "Package '?(?<package>[^'\\s]+)'? has no installation candidate",
                    "look at the machine's package sources (apt-get update)"),
            rule(
                    1,
                    DEPENDENCY,
                    "(?:No match for argument:|Unable to find a match:|No package) (?<package>\\S+)",
                    "look at the name, and at the machine's package sources (dnf repolist)"),
            rule(
                    1,
                    DEPENDENCY,
                    "unmet dependencies|held broken packages",
                    "repair the machine's packages: apt-get -f install"),
            rule(
                    0,
                    PLATFORM,
                    "dpkg was interrupted",
                    "repair it on the machine: dpkg --configure -a, then ask for a rerun",
                    "program",
                    "dpkg"),
            rule(
                    0,
                    DEPENDENCY,
                    "(?:ModuleNotFoundError|ImportError): No module named '?(?<module>[A-Za-z0-9_.]+)",
                    "install the Python module {module} on the machine"),
            rule(
                    0,
                    DEPENDENCY,
                    "error while loading shared libraries: (?<library>[^:\\s]+)",
                    "install the package that holds {library}"),
            rule(
                    0,
                    PLATFORM,
                    "version [`'](?<symbol>[A-Z]+_[0-9.]+)' not found",
                    "the program was built for a newer system: use a version of the extension for this one"),
            rule(
                    0,
                    DEPENDENCY,
                    "env: ['\u2018\"]?(?<program>[^'\u2019\":]+)['\u2019\"]?: No such file or directory",
                    "install {program} on the machine"),
            rule(
                    0,
                    DEPENDENCY,
                    "^(?:\\S+: )*(?:line )?(?:\\d+: )?(?<program>[A-Za-z0-9_./+-]+): (?:command )?not found$",
                    "install the package that holds {program}"),
            rule(1, DEPENDENCY, "Unit (?<unit>\\S+) (?:could not be found|not found)", "install the service {unit}"),
            rule(
                    0,
                    PLATFORM,
                    "System has not been booted with systemd|Failed to connect to bus",
                    "the extension needs systemd as the machine's init system",
                    "program",
                    "systemd"),
            rule(
                    0,
                    PLATFORM,
                    "(?:(?<path>/\\S+): )?(?:cannot execute binary file: )?Exec format error",
                    Errno.ENOEXEC.hint(),
                    "errno",
                    "ENOEXEC"),
            rule(
                    0,
                    REBOOT_PENDING,
                    "(?i)\\breboot (?:is )?(?:required|pending)",
                    "restart the machine, then ask for a rerun"),
            rule(
                    0,
                    CONFLICT,
                    "(?:(?<host>[0-9.]+|\\[[0-9a-f:]+\\]):(?<port>\\d+).*)?Address already in use",
                    "find out who uses that port: ss -ltnp",
                    "errno",
                    "EADDRINUSE"),
            // Consequences and descriptions
            rule(1, PERMISSION, pathThen("Permission denied"), Errno.EACCES.hint(), "errno", "EACCES"),
            rule(1, PERMISSION, pathThen("Operation not permitted"), Errno.EPERM.hint(), "errno", "EPERM"),
            rule(1, PERMISSION, "Permission denied", Errno.EACCES.hint(), "errno", "EACCES"),
            rule(1, PERMISSION, "Operation not permitted", Errno.EPERM.hint(), "errno", "EPERM"),
            rule(
                    1,
                    SETTINGS,
                    "^(?:json\\.decoder\\.)?JSONDecodeError: (?<error>.+)",
                    "look at the settings of the installation"),
            rule(
                    1,
                    HANDLER_CRASH,
                    "Segmentation fault",
                    "look for the process with dmesg or coredumpctl",
                    "signal",
                    "SIGSEGV"),
            rule(
                    2,
                    HANDLER_EXIT,
                    "Job for (?<unit>\\S+) failed",
                    "look at the service on the machine: journalctl -u {unit}"),
            rule(
                    2,
                    HANDLER_EXIT,
                    "dpkg: error processing (?:package|archive) (?<package>\\S+)",
                    "look at the lines above it, and at apt-get -f install on the machine"),
            rule(
                    2,
                    HANDLER_EXIT,
                    "Failed to (?:start|restart|enable|stop) (?<unit>\\S+\\.service)",
                    "look at the service on the machine: journalctl -u {unit}"));

    private HandlerOutput() {}

    private static OutputRule rule(int rank, CauseClass kind, String pattern, String hint, String... fixed) {
        return OutputRule.of(rank, kind, pattern, hint, fixed);
    }

    /** {@code cp: cannot create '/a/b': TEXT}, {@code /bin/sh: 1: cannot create /a/b: TEXT}, python's {@code TEXT: '/a/b'}. */
    private static String pathThen(String text) {
        return "(?:[\u2018'\"]?(?<path>/[^\u2019'\":]*)[\u2019'\"]?(?:: | \\()" + text + "|" + text
                + ": '(?<file>/[^']+)')";
    }

    /**
     * What the output says.
     *
     * @param output the end of it; a first line that is cut does no harm
     */
    public static Optional<Reason> explain(String output) {
        String[] all = output.split("\\R", -1);
        Reason best = null;
        int bestRank = Integer.MAX_VALUE;
        for (int i = Math.max(0, all.length - LINES); i < all.length; i++) {
            String line = all[i].length() > LONGEST_LINE ? all[i].substring(0, LONGEST_LINE) : all[i];
            for (OutputRule rule : RULES) {
                if (rule.rank() > bestRank) {
                    continue;
                }
                Optional<Reason> read = rule.read(line);
                if (read.isPresent()) {
                    Reason found = read.get();
                    boolean tellsLess = best != null
                            && rule.rank() == bestRank
                            && best.kind() == found.kind()
                            && found.evidence().size() <= best.evidence().size();
                    if (!tellsLess) {
                        best = found;
                        bestRank = rule.rank();
                    }
                    break; // rows are ordered: the first that fits a line tells most about it
                }
            }
        }
        return Optional.ofNullable(best).map(HandlerOutput::tidied);
    }

    /** Both places where a path may stand are called path. */
    private static Reason tidied(Reason reason) {
        String file = reason.evidence().get("file");
        if (file == null) {
            return reason;
        }
        Map<String, String> evidence = new TreeMap<>(reason.evidence());
        evidence.remove("file");
        evidence.put("path", file);
        return new Reason(reason.kind(), reason.text(), evidence, reason.hint());
    }

    /** The last lines that say anything, joined, at most that many characters. */
    public static String lastWords(String output, int atMost) {
        List<String> kept = new ArrayList<>();
        int length = 0;
        for (String line : output.lines().toList().reversed()) {
            String said = line.strip();
            if (said.isEmpty()) {
                continue;
            }
            if (length + said.length() > atMost || kept.size() == 3) {
                break;
            }
            kept.addFirst(said);
            length += said.length() + 3;
        }
        return String.join(" | ", kept);
    }
}
