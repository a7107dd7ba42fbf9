package dev.vmext.agent.run;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.FindingType;
import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.packageformat.manifest.MonitoringFile;
import dev.vmext.packageformat.manifest.MonitoringProbe;
import dev.vmext.packageformat.manifest.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an enabled version declares: its manifest, and its {@code monitoring.json} as far as that is right. A file that breaks a rule
 * changes nothing but {@link #fault}: a copy of the last good one lies in the folder of the installation, for the next enable and for the
 * next agent. Used by one thread at a time.
 */
final class MonitoringReader {
    private static final System.Logger LOG = System.getLogger(MonitoringReader.class.getName());
    private static final String NO_FILE = "";

    private final Path file;
    private final Path kept;
    private final String installation;
    private final Observation manifest;
    private MonitoringFile inForce = MonitoringFile.none();
    private String seen = NO_FILE;
    private String fault = "";

    /**
     * Knows nothing yet.
     *
     * @param base the folder of the version, inside that of the installation
     */
    MonitoringReader(Path base, String installation, Observation manifest) {
        this.file = base.resolve("config").resolve(MonitoringFile.FILE_NAME);
        this.kept = base.resolveSibling("." + MonitoringFile.FILE_NAME);
        this.installation = installation;
        this.manifest = manifest;
    }

    /** Looks at the file; answers whether what is declared is another now. */
    boolean look() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            String stamp = now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
            if (stamp.equals(seen)) {
                return false;
            }
            seen = stamp;
            if (now.size() > MonitoringFile.MAX_BYTES) {
                throw new IOException("it is larger than " + MonitoringFile.MAX_BYTES + " bytes");
            }
            byte[] content = Files.readAllBytes(file);
            boolean news = take(checked(MonitoringFile.parse(content)));
            keep(content);
            return news;
        } catch (NoSuchFileException none) {
            seen = NO_FILE;
            forgetKept();
            return take(MonitoringFile.none());
        } catch (PackageException wrong) {
            return refuse(wrong.detail() + (wrong.hint().isEmpty() ? "" : " (" + wrong.hint() + ")"));
        } catch (IOException failed) {
            return refuse("cannot read " + MonitoringFile.FILE_NAME + ": " + failed.getMessage());
        }
    }

    private void keep(byte[] content) {
        Path fresh = kept.resolveSibling(kept.getFileName() + ".new");
        try {
            Files.write(fresh, content);
            Files.move(fresh, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot keep a copy of {0}; should the next one be wrong, nothing takes its place: {1}",
                    file,
                    failed.getMessage());
        }
    }

    private void forgetKept() {
        try {
            Files.deleteIfExists(kept);
        } catch (IOException failed) {
            LOG.log(System.Logger.Level.DEBUG, "Cannot delete {0}, ignoring: {1}", kept, failed.getMessage());
        }
    }

    /** What was good the last time, as far as this version allows it. */
    private MonitoringFile readKept() {
        try {
            return checked(MonitoringFile.parse(Files.readAllBytes(kept)));
        } catch (IOException | PackageException none) {
            return MonitoringFile.none();
        }
    }

    private boolean take(MonitoringFile next) {
        fault = "";
        boolean news = !next.equals(inForce);
        inForce = next;
        return news;
    }

    private boolean refuse(String why) {
        fault = why + "; what was declared before stays in force";
        LOG.log(System.Logger.Level.WARNING, "{0} of installation {1}: {2}", file, installation, fault);
        MonitoringFile before = inForce.equals(MonitoringFile.none()) ? readKept() : inForce;
        boolean news = !before.equals(inForce);
        inForce = before;
        return news;
    }

    private MonitoringFile checked(MonitoringFile read) throws IOException {
        Set<String> endpoints = new HashSet<>();
        manifest.metrics().forEach(endpoint -> endpoints.add(endpoint.name()));
        for (MetricEndpoint endpoint : read.metrics()) {
            if (!endpoints.add(endpoint.name())) {
                throw new IOException("extension.json has an endpoint \"" + endpoint.name() + "\" too");
            }
        }
        Set<String> probes = new HashSet<>();
        manifest.probes().forEach(probe -> probes.add(probe.name()));
        for (MonitoringProbe probe : read.probes()) {
            if (!probes.add(probe.probe().name())) {
                throw new IOException(
                        "extension.json has a probe \"" + probe.probe().name() + "\" too");
            }
            if (!probe.finding().isEmpty()
                    && manifest.findings().stream().map(FindingType::type).noneMatch(probe.finding()::equals)) {
                throw new IOException("the finding \"" + probe.finding() + "\" of probe "
                        + probe.probe().name() + " is not declared in extension.json");
            }
        }
        return read;
    }

    List<MetricEndpoint> endpoints() {
        List<MetricEndpoint> all = new ArrayList<>(manifest.metrics());
        all.addAll(inForce.metrics());
        return all;
    }

    List<MonitoringProbe> probes() {
        List<MonitoringProbe> all = new ArrayList<>();
        manifest.probes().forEach(probe -> all.add(new MonitoringProbe(probe, true, "")));
        all.addAll(inForce.probes());
        return all;
    }

    /** Why the file as it is now is not in force; empty when it is. */
    String fault() {
        return fault;
    }
}
