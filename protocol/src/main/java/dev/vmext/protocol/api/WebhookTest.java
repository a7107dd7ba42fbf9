package dev.vmext.protocol.api;

/**
 * A test message was taken.
 *
 * @param status the receiver's HTTP status
 * @param message id that the message had
 */
public record WebhookTest(String message, int status) {}
