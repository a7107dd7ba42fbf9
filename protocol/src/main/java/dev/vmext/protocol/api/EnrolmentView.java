package dev.vmext.protocol.api;

import java.time.Instant;

/**
 * How to enrol one machine. The only answer that ever holds the token.
 *
 * @param command one shell line for root on the machine
 * @param cloudInit the same as a cloud-init user-data document
 */
public record EnrolmentView(
        String machine, String machineId, String gateway, String command, String cloudInit, Instant expiresAt) {}
