package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;

/** A value of one of the kinds that OpenTelemetry attributes may have. */
public sealed interface AnyValue extends Message {
    record Text(String value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.stringPresent(1, value);
        }
    }

    record Bool(boolean value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.varintPresent(2, value ? 1 : 0);
        }
    }

    record Whole(long value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.varintPresent(3, value);
        }
    }

    record Real(double value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.realPresent(4, value);
        }
    }

    record Items(ArrayValue value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.message(5, value);
        }
    }

    record Entries(KeyValueList value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.message(6, value);
        }
    }

    record Raw(Bytes value) implements AnyValue {
        @Override
        public void writeTo(ProtoWriter out) {
            out.bytesPresent(7, value);
        }
    }

    /** No value: also what a kind that this version does not know is read as. */
    record None() implements AnyValue {
        public static final None INSTANCE = new None();

        @Override
        public void writeTo(ProtoWriter out) {}
    }

    /** The list in {@link Items}. */
    record ArrayValue(List<AnyValue> values) implements Message {
        public ArrayValue {
            values = List.copyOf(values);
        }

        @Override
        public void writeTo(ProtoWriter out) {
            out.messages(1, values);
        }

        private static ArrayValue read(ProtoReader in) {
            List<AnyValue> values = new ArrayList<>();
            int outer = in.enter();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> values.add(AnyValue.read(in));
                    default -> in.skip();
                }
            }
            in.leave(outer);
            return new ArrayValue(values);
        }
    }

    /** The named values in {@link Entries}. */
    record KeyValueList(List<KeyValue> values) implements Message {
        public KeyValueList {
            values = List.copyOf(values);
        }

        @Override
        public void writeTo(ProtoWriter out) {
            out.messages(1, values);
        }

        private static KeyValueList read(ProtoReader in) {
            List<KeyValue> values = new ArrayList<>();
            int outer = in.enter();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> values.add(KeyValue.read(in));
                    default -> in.skip();
                }
            }
            in.leave(outer);
            return new KeyValueList(values);
        }
    }

    static AnyValue read(ProtoReader in) {
        AnyValue value = None.INSTANCE;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> value = new Text(in.string());
                case 2 -> value = new Bool(in.bool());
                case 3 -> value = new Whole(in.varint());
                case 4 -> value = new Real(in.real());
                case 5 -> value = new Items(ArrayValue.read(in));
                case 6 -> value = new Entries(KeyValueList.read(in));
                case 7 -> value = new Raw(in.bytes());
                default -> in.skip();
            }
        }
        in.leave(outer);
        return value;
    }
}
