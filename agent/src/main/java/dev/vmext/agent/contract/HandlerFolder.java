package dev.vmext.agent.contract;

import java.nio.file.Path;

/**
 * One version of an extension unpacked for one installation.
 *
 * @param base where the package was unpacked
 * @param logs the extension's log folder, the same for all versions
 * @param shared whether the extension may be installed several times on this machine
 */
public record HandlerFolder(
        Path base, Path logs, String installation, String extension, String version, boolean shared) {}
