package dev.vmext.agent.contract;

import java.nio.file.Path;

/**
 * One version of an extension unpacked for one installation.
 *
 * @param base where the package was unpacked
 * @param logs the extension's log folder, the same for all versions and installations
 * @param shared whether the extension may be installed several times on this machine
 * @param multiConfig whether the handler wants its files named after the installation (azure-contract 1.14)
 */
public record HandlerFolder(
        Path base,
        Path logs,
        String installation,
        String extension,
        String version,
        boolean shared,
        boolean multiConfig) {

    /** What a multi-config handler knows the installation as: handlers and tools expect {@code [A-Za-z0-9_]} only. */
    String configName() {
        return installation.replace('-', '_');
    }

    /** Names a file of the contract: {@code 3.settings}, or {@code blue.3.settings} for a multi-config handler. */
    String fileName(long sequence, String suffix) {
        return (multiConfig ? configName() + "." : "") + sequence + suffix;
    }

    public Path config() {
        return base.resolve("config");
    }

    Path status() {
        return base.resolve("status");
    }

    Path heartbeat() {
        return base.resolve("heartbeat.log");
    }

    Path events() {
        return logs.resolve("events");
    }
}
