package dev.vmext.server.gateway;

import java.time.Duration;

/**
 * What one agent, and all of them together, may take from the gateway.
 *
 * @param messageBytes largest OpAMP message either way
 * @param connections open at a time; more wait unaccepted
 * @param opening links being admitted at a time; more are told to come back, before any database work
 * @param handshake until a new connection must have sent its request
 * @param unenrolledLink life of a link that may only ask for a certificate
 * @param unsent messages that wait for one slow agent before its link is closed
 * @param unstored statuses that wait for the store before agents have to wait
 * @param logAnswer how long an agent may take to send its log
 * @param burst connections that one address may begin at once, {@code perSecond} afterwards; more are closed before the handshake.
 *     Many machines may share an address, so this only keeps one from using up the server
 */
public record GatewayLimits(
        int messageBytes,
        int connections,
        int opening,
        Duration handshake,
        Duration unenrolledLink,
        int unsent,
        int unstored,
        Duration logAnswer,
        int burst,
        int perSecond) {
    public static final GatewayLimits DEFAULTS = new GatewayLimits(
            4 << 20,
            20_000,
            256,
            Duration.ofSeconds(20),
            Duration.ofMinutes(2),
            256,
            8192,
            Duration.ofSeconds(10),
            2000,
            200);

    public GatewayLimits {
        if (messageBytes < 1024
                || connections < 1
                || opening < 1
                || unsent < 1
                || unstored < 1
                || burst < 1
                || perSecond < 1) {
            throw new IllegalArgumentException("every limit of the gateway must be positive");
        }
    }
}
