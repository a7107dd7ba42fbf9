package dev.vmext.protocol.opamp;

/** A message of a custom capability. Unknown ones are ignored. */
public record CustomMessage(String capability, String type, Bytes data) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, capability);
        out.string(2, type);
        out.bytes(3, data);
    }

    static CustomMessage read(ProtoReader in) {
        String capability = "";
        String type = "";
        Bytes data = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> capability = in.string();
                case 2 -> type = in.string();
                case 3 -> data = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new CustomMessage(capability, type, data);
    }
}
