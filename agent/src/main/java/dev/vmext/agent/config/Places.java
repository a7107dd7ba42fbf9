package dev.vmext.agent.config;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where everything of the agent lies below one root folder: the machine's own, or a private one for tests. Names of installations,
 * extensions and versions were checked by those who read them; this class only joins.
 */
public record Places(Path root) {
    public Places {
        root = root.toAbsolutePath().normalize();
    }

    public Path agentFile() {
        return root.resolve("etc/vmext/agent.json");
    }

    public Path trustFile() {
        return root.resolve("etc/vmext/trust.json");
    }

    /** Holds the token until the machine is enrolled. */
    public Path enrolmentFile() {
        return root.resolve("etc/vmext/enrolment.json");
    }

    public Path identity() {
        return root.resolve("var/lib/vmext/identity");
    }

    public Path journal() {
        return root.resolve("var/lib/vmext/journal");
    }

    /** The run folder of one command. */
    public Path run(String name) {
        return root.resolve("var/lib/vmext/runs").resolve(name);
    }

    /** One folder for each run-once command of the control plane. */
    public Path commands() {
        return root.resolve("var/lib/vmext/exec");
    }

    public Path packages() {
        return root.resolve("var/lib/vmext/packages");
    }

    public Path handlers() {
        return root.resolve("var/lib/vmext/handlers");
    }

    public Path installation(String name) {
        return handlers().resolve(name);
    }

    /** The base folder of one version: two levels above its config folder lies the settings certificate. */
    public Path handler(String installation, String extension, String version) {
        return installation(installation).resolve(extension + "-" + version);
    }

    /** What is kept of a version that is being replaced. */
    public Path kept(String installation) {
        return installation(installation).resolve(".kept");
    }

    public Path handlerLogs(String extension) {
        return root.resolve("var/log/azure").resolve(extension);
    }

    /** What handlers told through their events folders. */
    public Path events() {
        return root.resolve("var/lib/vmext/events");
    }

    /** The book of findings that the control plane does not have yet. */
    public Path findings() {
        return root.resolve("var/lib/vmext/findings");
    }

    /** Metrics that wait for the gateway. */
    public Path metrics() {
        return root.resolve("var/lib/vmext/metrics");
    }

    /** Where handlers written for another agent look for the settings certificate. */
    public Path certificates() {
        return root.resolve("var/lib/waagent");
    }

    public Path log() {
        return root.resolve("var/log/vmext/agent.log");
    }

    public Path socket() {
        return root.resolve("run/vmext/agent.sock");
    }

    /** Makes a folder that only its owner may enter; parents as usual. */
    public static void makePrivate(Path folder) throws IOException {
        Folders.make(folder, "rwx------");
    }
}
