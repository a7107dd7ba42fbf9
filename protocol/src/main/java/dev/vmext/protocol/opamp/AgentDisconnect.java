package dev.vmext.protocol.opamp;

/** The agent says goodbye: its last message on a connection. */
public record AgentDisconnect() implements Message {
    public static final AgentDisconnect INSTANCE = new AgentDisconnect();

    @Override
    public void writeTo(ProtoWriter out) {}

    static AgentDisconnect read(ProtoReader in) {
        int outer = in.enter();
        while (in.next()) {
            in.skip();
        }
        in.leave(outer);
        return INSTANCE;
    }
}
