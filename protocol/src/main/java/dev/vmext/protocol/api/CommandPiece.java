package dev.vmext.protocol.api;

/**
 * A piece of a command's output in the stream of server-sent events.
 *
 * @param stream out or err
 * @param offset of its first byte in that stream
 * @param data base64: a command may write anything
 */
public record CommandPiece(String stream, long offset, String data) {}
