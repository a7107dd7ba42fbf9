package dev.vmext.protocol.opamp;

/** One HTTP header. Its text form hides the value, which may be a credential. */
public record Header(String key, String value) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, key);
        out.string(2, value);
    }

    static Header read(ProtoReader in) {
        String key = "";
        String value = "";
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = in.string();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Header(key, value);
    }

    @Override
    public String toString() {
        return "Header[key=" + key + ", value=(hidden)]";
    }
}
