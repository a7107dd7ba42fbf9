package dev.vmext.agent.contract;

import dev.vmext.packageformat.manifest.HandlerCommand;

/**
 * One call of a handler.
 *
 * @param sequence of the settings in force, -1 when there are none
 * @param targetVersion the version that update leads to
 * @param fromVersion the version that update leaves
 * @param oldDisableExit exit code of the old version's disable, or NOT_RUN
 * @param oldUninstallExit exit code of the old version's uninstall, or NOT_RUN
 */
public record Call(
        HandlerCommand command,
        long sequence,
        String targetVersion,
        String fromVersion,
        String oldDisableExit,
        String oldUninstallExit) {}
