package dev.vmext.protocol.api;

/**
 * A new API token. The only answer that ever holds its secret.
 *
 * @param secret to be sent as {@code Authorization: Bearer}
 */
public record TokenSecret(TokenView token, String secret) {}
