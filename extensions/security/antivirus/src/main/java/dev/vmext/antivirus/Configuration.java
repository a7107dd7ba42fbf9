package dev.vmext.antivirus;

import dev.vmext.antivirus.AntivirusSettings.Limits;
import dev.vmext.antivirus.AntivirusSettings.ScheduledScan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files below {@code /etc/vmext-antivirus}, as text: what ClamAV and the programs read. Texts of settings stand on lines of
 * their own and are never part of a command, so a program that reads them cannot be made to do something else. Pure.
 */
final class Configuration {
    private Configuration() {}

    /** Every file by its name relative to the folder. What is not among them is to be deleted. */
    static Map<String, String> files(AntivirusSettings settings, MemoryBudget memory) {
        Map<String, String> files = new TreeMap<>();
        files.put("values", values(settings));
        files.put(
                "databases",
                lines(settings.signatures().databases().stream()
                        .map(SignatureSource::fileName)
                        .toList()));
        files.put("excluded.paths", lines(settings.exclusions().paths()));
        files.put("excluded.patterns", lines(settings.exclusions().patterns()));
        files.put("clamscan.arguments", lines(clamscanArguments(settings.limits())));
        files.put("units", lines(UnitFiles.expected(settings)));
        files.put("memory-warning", lines(memory.warning().stream().toList()));
        if (settings.signatures().fetches()) {
            files.put("freshclam.conf", freshclam(settings.signatures(), memory));
        }
        if (settings.daemon()) {
            files.put("clamd.conf", clamd(settings));
        }
        for (ScheduledScan scan : settings.scans()) {
            files.put("scans/" + scan.name() + "/paths", lines(scan.paths()));
        }
        settings.scanNow().ifPresent(scan -> {
            files.put("scans/on-demand/id", scan.id() + "\n");
            files.put("scans/on-demand/paths", lines(scan.paths()));
        });
        return files;
    }

    /** Signatures that are not to be used, in the form that ClamAV reads. It adds the suffix to names of third parties itself. */
    static String ignored(AntivirusSettings settings) {
        return lines(settings.exclusions().signatures().stream()
                .map(name -> name.replaceFirst("\\.UNOFFICIAL$", ""))
                .toList());
    }

    private static String values(AntivirusSettings settings) {
        return lines(List.of(
                "mode " + (settings.daemon() ? "daemon" : "on-demand"),
                "action " + (settings.quarantines() ? "quarantine" : "report"),
                "signatures.source " + settings.signatures().kind().word(),
                "signatures.public " + settings.signatures().large(),
                "signatures.maxAgeDays " + settings.signatures().maxAgeDays(),
                "limits.maxFileMiB " + settings.limits().maxFileMiB(),
                "limits.networkFileSystems " + settings.limits().networkFileSystems(),
                "quarantine.keepDays " + settings.quarantine().keepDays(),
                "quarantine.maxMiB " + settings.quarantine().maxMiB()));
    }

    private static List<String> clamscanArguments(Limits limits) {
        return List.of(
                "--max-filesize=" + limits.maxFileMiB() + "M",
                "--max-scansize=" + limits.maxScanMiB() + "M",
                "--max-files=" + limits.maxFiles(),
                "--max-recursion=" + limits.maxRecursion(),
                "--max-scantime=" + limits.maxSecondsPerFile() * 1000,
                "--scan-archive=" + yes(limits.archives()),
                "--detect-pua=" + yes(limits.unwanted()));
    }

    /** For freshclam run once by a timer: it tests what it fetched before it replaces anything. */
    private static String freshclam(SignatureSource source, MemoryBudget memory) {
        List<String> lines = new ArrayList<>(List.of(
                "# Written by vmext.Antivirus; changes are overwritten.",
                "DatabaseDirectory /var/lib/vmext-antivirus/db",
                "DatabaseOwner clamav",
                "LogTime no",
                "ConnectTimeout 30",
                "ReceiveTimeout 600",
                "MaxAttempts 3",
                // Testing the public signatures means loading them.
                "TestDatabases " + yes(memory.limitMiB() >= memory.neededMiB())));
        switch (source.kind()) {
            case OFFICIAL -> {
                lines.add("DatabaseMirror database.clamav.net");
                lines.add("DNSDatabaseInfo current.cvd.clamav.net");
            }
            case MIRROR -> {
                // A private mirror is also how freshclam is told not to ask the public name servers.
                List<String> mirrors = source.mirrors().isEmpty()
                        ? List.of(origin(source.databases().getFirst()))
                        : source.mirrors();
                mirrors.forEach(mirror -> lines.add("PrivateMirror " + mirror));
                if (source.mirrors().isEmpty()) {
                    List.of("main", "daily", "bytecode").forEach(name -> lines.add("ExcludeDatabase " + name));
                }
            }
            case PACKAGE -> throw new IllegalStateException("source package fetches nothing");
        }
        source.databases().forEach(url -> lines.add("DatabaseCustomURL " + url));
        source.proxy().ifPresent(proxy -> {
            lines.add("HTTPProxyServer " + proxy.host());
            lines.add("HTTPProxyPort " + proxy.port());
            proxy.username().ifPresent(name -> lines.add("HTTPProxyUsername " + name));
            proxy.password().ifPresent(word -> lines.add("HTTPProxyPassword " + word));
        });
        return lines(lines);
    }

    private static String clamd(AntivirusSettings settings) {
        Limits limits = settings.limits();
        List<String> lines = new ArrayList<>(List.of(
                "# Written by vmext.Antivirus; changes are overwritten.",
                "Foreground yes",
                "LogSyslog no",
                "LogTime no",
                "DatabaseDirectory /var/lib/vmext-antivirus/clamd",
                "LocalSocket /run/vmext-antivirus-clamd/clamd.sock",
                "LocalSocketMode 600",
                "FixStaleSocket yes",
                "MaxThreads 2",
                "SelfCheck 3600",
                // Two copies of the public signatures at once would need twice the memory.
                "ConcurrentDatabaseReload no",
                "MaxFileSize " + limits.maxFileMiB() + "M",
                "MaxScanSize " + limits.maxScanMiB() + "M",
                "StreamMaxLength " + limits.maxFileMiB() + "M",
                "MaxFiles " + limits.maxFiles(),
                "MaxRecursion " + limits.maxRecursion(),
                "MaxScanTime " + limits.maxSecondsPerFile() * 1000,
                "ScanArchive " + yes(limits.archives()),
                "DetectPUA " + yes(limits.unwanted())));
        settings.onAccess().ifPresent(onAccess -> {
            onAccess.paths().forEach(path -> lines.add("OnAccessIncludePath " + path));
            settings.exclusions().paths().stream()
                    .filter(path -> path.matches(AntivirusSettings.PLAIN_PATH))
                    .forEach(path -> lines.add("OnAccessExcludePath " + path));
            lines.add("OnAccessExcludePath /var/lib/vmext-antivirus");
            lines.add("OnAccessPrevention " + yes(onAccess.prevention()));
            // Without these two what clamd itself opens would be scanned again, for ever.
            lines.add("OnAccessExcludeUname clamav");
            lines.add("OnAccessExcludeRootUID yes");
            lines.add("OnAccessMaxFileSize " + limits.maxFileMiB() + "M");
        });
        return lines(lines);
    }

    private static String origin(String url) {
        int path = url.indexOf('/', url.indexOf("//") + 2);
        return path < 0 ? url : url.substring(0, path);
    }

    private static String yes(boolean value) {
        return value ? "yes" : "no";
    }

    private static String lines(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }
}
