package dev.vmext.protocol.opamp;

/**
 * Bytes to messages and back, for both ends and both transports: bare messages for plain HTTP, frames for WebSocket. Holds
 * nothing but its limits, so that any number of threads may share one.
 *
 * <p>A frame is the header, a varint that is 0 today, and the message. Decoding also takes a frame without header, as older
 * implementations send it: a message never starts with a zero byte.
 */
public final class OpampCodec {
    private static final int HEADER = 0;

    /** Field numbers of both messages fit here; used to tell a missing header from one of a later version. */
    private static final int LAST_FIELD = 15;

    private final MessageLimits limits;

    public OpampCodec(MessageLimits limits) {
        this.limits = limits;
    }

    public byte[] encode(AgentToServer message) {
        return write(message, false);
    }

    public byte[] encode(ServerToAgent message) {
        return write(message, false);
    }

    public byte[] encodeFrame(AgentToServer message) {
        return write(message, true);
    }

    public byte[] encodeFrame(ServerToAgent message) {
        return write(message, true);
    }

    /** Throws {@link MalformedMessageException}, and nothing else, for whatever is not such a message. */
    public AgentToServer decodeAgentToServer(byte[] message) {
        return AgentToServer.read(new ProtoReader(message, 0, limits));
    }

    /** Throws {@link MalformedMessageException}, and nothing else, for whatever is not such a message. */
    public ServerToAgent decodeServerToAgent(byte[] message) {
        return ServerToAgent.read(new ProtoReader(message, 0, limits));
    }

    public AgentToServer decodeAgentToServerFrame(byte[] frame) {
        return AgentToServer.read(new ProtoReader(frame, messageStart(frame), limits));
    }

    public ServerToAgent decodeServerToAgentFrame(byte[] frame) {
        return ServerToAgent.read(new ProtoReader(frame, messageStart(frame), limits));
    }

    private byte[] write(Message message, boolean framed) {
        ProtoWriter out = new ProtoWriter(limits.maxMessageBytes() + (framed ? 1 : 0));
        if (framed) {
            out.header(HEADER);
        }
        message.writeTo(out);
        return out.toArray();
    }

    private static int messageStart(byte[] frame) {
        if (frame.length == 0) {
            return 0;
        }
        if (frame[0] == HEADER) {
            return 1;
        }
        int field = (frame[0] & 0xff) >>> 3;
        int wireType = frame[0] & 7;
        boolean startsLikeAMessage = field >= 1 && field <= LAST_FIELD && (wireType == 0 || wireType == 2);
        if (!startsLikeAMessage) {
            throw new MalformedMessageException("cannot read a frame: its header is not 0");
        }
        return 0;
    }
}
