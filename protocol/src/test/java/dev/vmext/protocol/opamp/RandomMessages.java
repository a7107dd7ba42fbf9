package dev.vmext.protocol.opamp;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import java.util.random.RandomGenerator;

/** Random protobuf-java messages of the field table, from a seed. */
final class RandomMessages {
    private final RandomGenerator random;

    RandomMessages(RandomGenerator random) {
        this.random = random;
    }

    DynamicMessage next(String type) {
        return message(OpampDescriptors.message(type), 0);
    }

    private DynamicMessage message(Descriptor type, int depth) {
        DynamicMessage.Builder built = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            boolean keyValueValue = type.getName().equals("KeyValue") && field.getNumber() == 2;
            boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if (!keyValueValue && (random.nextInt(3) == 0 || (nested && depth > 6))) {
                continue;
            }
            if (field.isMapField()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    Descriptor entry = field.getMessageType();
                    built.addRepeatedField(
                            field,
                            DynamicMessage.newBuilder(entry)
                                    .setField(entry.findFieldByNumber(1), i + text())
                                    .setField(entry.findFieldByNumber(2), value(entry.findFieldByNumber(2), depth + 2))
                                    .build());
                }
            } else if (field.isRepeated()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    built.addRepeatedField(field, value(field, depth + 1));
                }
            } else {
                built.setField(field, value(field, depth + 1));
            }
        }
        return built.build();
    }

    private Object value(FieldDescriptor field, int depth) {
        return switch (field.getType()) {
            case STRING -> text();
            case BYTES -> ByteString.copyFrom(bytes());
            case BOOL -> random.nextBoolean();
            case DOUBLE -> random.nextInt(4) == 0 ? 0.0 : random.nextDouble() * 1e9 - 5e8;
            case UINT64, INT64, FIXED64 -> number();
            case INT32 -> random.nextInt(OpampDescriptors.enumSize(field));
            case MESSAGE -> message(field.getMessageType(), depth);
            default -> throw new IllegalStateException("the table has no " + field.getType());
        };
    }

    private long number() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(3);
            case 1 -> random.nextInt(1 << 20);
            case 2 -> -random.nextInt(1 << 20);
            default -> random.nextLong();
        };
    }

    private byte[] bytes() {
        byte[] content = new byte[random.nextInt(8) == 0 ? random.nextInt(20_000) : random.nextInt(40)];
        random.nextBytes(content);
        return content;
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8) == 0 ? random.nextInt(300) : random.nextInt(12); i > 0; i--) {
            int kind = random.nextInt(8);
            text.appendCodePoint(
                    kind == 0
                            ? 0x1F600 + random.nextInt(40)
                            : kind == 1 ? 0xFFFD : kind == 2 ? 0xE4 : 'a' + random.nextInt(26));
        }
        return text.toString();
    }
}
