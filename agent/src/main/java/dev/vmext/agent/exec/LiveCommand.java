package dev.vmext.agent.exec;

import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStream;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One command that the control plane does not have the end of: how far the conversation about it is. Guarded by {@link Commands}. */
final class LiveCommand {
    final CommandFolder folder;
    CommandRecord record;
    boolean acceptedSent;
    boolean exitSent;
    volatile boolean cancelled;
    private final Map<CommandStream, Long> sent = new EnumMap<>(CommandStream.class);
    private final Map<CommandStream, Long> acknowledged = new EnumMap<>(CommandStream.class);

    LiveCommand(CommandFolder folder, CommandRecord record) {
        this.folder = folder;
        this.record = record;
        this.cancelled = folder.cancelled();
    }

    @Nullable CommandExit exit() {
        return record.exit();
    }

    /** A new connection: what is not acknowledged may be lost. */
    void connected() {
        acceptedSent = false;
        exitSent = false;
        sent.clear();
        sent.putAll(acknowledged);
    }

    void acknowledged(CommandPosition position) {
        for (CommandStream stream : CommandStream.values()) {
            long have = Math.max(acknowledged(stream), position.of(stream));
            acknowledged.put(stream, have);
            sent.put(stream, Math.max(sent(stream), have));
        }
    }

    /** Goes on from there, which may be further back. */
    void resume(CommandPosition position) {
        acceptedSent = true;
        exitSent = false;
        for (CommandStream stream : CommandStream.values()) {
            acknowledged.put(stream, position.of(stream));
            sent.put(stream, position.of(stream));
        }
    }

    long sent(CommandStream stream) {
        return sent.getOrDefault(stream, 0L);
    }

    private long acknowledged(CommandStream stream) {
        return acknowledged.getOrDefault(stream, 0L);
    }

    void sent(CommandStream stream, int more) {
        sent.merge(stream, (long) more, Long::sum);
    }

    /** Bytes on their way. */
    long unacknowledged() {
        long bytes = 0;
        for (CommandStream stream : CommandStream.values()) {
            bytes += sent(stream) - acknowledged(stream);
        }
        return bytes;
    }

    /** Whether all output has arrived, so that the end may be told. */
    boolean delivered(CommandExit exit) {
        return acknowledged(CommandStream.OUT) >= exit.out() && acknowledged(CommandStream.ERR) >= exit.err();
    }
}
