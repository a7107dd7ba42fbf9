package dev.vmext.protocol.opamp;

/**
 * What a receiver is willing to read, checked before memory is set aside.
 *
 * @param maxMessageBytes size of one message, without the frame header and after decompression
 * @param maxDepth messages inside messages
 * @param maxEntries nested messages and list items in one message, all together: an empty one costs two bytes on the wire but
 *     fifty times that on the heap
 */
public record MessageLimits(int maxMessageBytes, int maxDepth, int maxEntries) {
    /** Room for a goal state of 1 MiB and a health tree of 256 leaves, small enough for an agent with a heap of 32 MiB. */
    public static final MessageLimits STANDARD = new MessageLimits(4 << 20, 32, 20_000);

    public MessageLimits {
        if (maxMessageBytes < 1 || maxDepth < 1 || maxEntries < 1) {
            throw new IllegalArgumentException(
                    "message limits must be positive: " + maxMessageBytes + ", " + maxDepth + ", " + maxEntries);
        }
    }
}
