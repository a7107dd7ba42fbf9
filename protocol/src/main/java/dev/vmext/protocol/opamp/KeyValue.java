package dev.vmext.protocol.opamp;

/** A named value. */
public record KeyValue(String key, AnyValue value) implements Message {
    public static KeyValue of(String key, String value) {
        return new KeyValue(key, new AnyValue.Text(value));
    }

    public static KeyValue of(String key, long value) {
        return new KeyValue(key, new AnyValue.Whole(value));
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, key);
        out.message(2, value);
    }

    public static KeyValue read(ProtoReader in) {
        String key = "";
        AnyValue value = AnyValue.None.INSTANCE;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = AnyValue.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new KeyValue(key, value);
    }
}
