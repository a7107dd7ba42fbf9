package dev.vmext.agent.exec;

import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStream;
import org.jspecify.annotations.Nullable;

/** One command that the control plane does not have the end of: how far the conversation about it is. Guarded by {@link Commands}. */
final class LiveCommand {
    final CommandFolder folder;
    CommandRecord record;
    boolean acceptedSent;
    boolean exitSent;
    volatile boolean cancelled;
    private final long[] sent = new long[2];
    private final long[] acknowledged = new long[2];

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
        System.arraycopy(acknowledged, 0, sent, 0, sent.length);
    }

    void acknowledged(CommandPosition position) {
        for (CommandStream stream : CommandStream.values()) {
            int i = stream.ordinal();
            acknowledged[i] = Math.max(acknowledged[i], position.of(stream));
            sent[i] = Math.max(sent[i], acknowledged[i]);
        }
    }

    /** Goes on from there, which may be further back. */
    void resume(CommandPosition position) {
        acceptedSent = true;
        exitSent = false;
        for (CommandStream stream : CommandStream.values()) {
            acknowledged[stream.ordinal()] = position.of(stream);
            sent[stream.ordinal()] = position.of(stream);
        }
    }

    long sent(CommandStream stream) {
        return sent[stream.ordinal()];
    }

    void sent(CommandStream stream, int more) {
        sent[stream.ordinal()] += more;
    }

    /** Bytes on their way. */
    long unacknowledged() {
        return sent[0] - acknowledged[0] + sent[1] - acknowledged[1];
    }

    /** Whether all output has arrived, so that the end may be told. */
    boolean delivered(CommandExit exit) {
        return acknowledged[CommandStream.OUT.ordinal()] >= exit.out()
                && acknowledged[CommandStream.ERR.ordinal()] >= exit.err();
    }
}
