package dev.vmext.protocol.opamp;

/** The server gives the agent another instance id, to be used at once. */
public record AgentIdentification(Bytes newInstanceUid) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, newInstanceUid);
    }

    static AgentIdentification read(ProtoReader in) {
        Bytes newInstanceUid = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> newInstanceUid = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new AgentIdentification(newInstanceUid);
    }
}
