package dev.vmext.protocol.opamp;

/** One configuration entry: content and its media type. */
public record AgentConfigFile(Bytes body, String contentType) implements Message {
    static final AgentConfigFile EMPTY = new AgentConfigFile(Bytes.EMPTY, "");

    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, body);
        out.string(2, contentType);
    }

    static AgentConfigFile read(ProtoReader in) {
        Bytes body = Bytes.EMPTY;
        String contentType = "";
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> body = in.bytes();
                case 2 -> contentType = in.string();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new AgentConfigFile(body, contentType);
    }
}
