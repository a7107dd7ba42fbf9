package dev.vmext.protocol.opamp;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns our records into protobuf-java messages by the names of their components, so that the two codecs can be compared. */
final class Records {
    private Records() {}

    static DynamicMessage toDynamic(Object message) {
        return message instanceof AnyValue value ? anyValue(value) : fields(message);
    }

    private static DynamicMessage fields(Object message) {
        Descriptor type = OpampDescriptors.message(message.getClass().getSimpleName());
        DynamicMessage.Builder built = DynamicMessage.newBuilder(type);
        RecordComponent[] components = message.getClass().getRecordComponents();
        if (components.length != type.getFields().size()) {
            throw new IllegalStateException(type.getName() + " has a component too many or too few");
        }
        for (FieldDescriptor field : type.getFields()) {
            Object value = component(message, components, camelCase(field.getName()));
            if (value == null) {
                continue;
            }
            if (field.isMapField()) {
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    Descriptor entryType = field.getMessageType();
                    built.addRepeatedField(
                            field,
                            DynamicMessage.newBuilder(entryType)
                                    .setField(entryType.findFieldByNumber(1), entry.getKey())
                                    .setField(entryType.findFieldByNumber(2), convert(entry.getValue()))
                                    .build());
                }
            } else if (field.isRepeated()) {
                for (Object item : (List<?>) value) {
                    built.addRepeatedField(field, convert(item));
                }
            } else {
                built.setField(field, convert(value));
            }
        }
        return built.build();
    }

    private static DynamicMessage anyValue(AnyValue value) {
        Descriptor type = OpampDescriptors.message("AnyValue");
        DynamicMessage.Builder built = DynamicMessage.newBuilder(type);
        return switch (value) {
            case AnyValue.Text text -> set(built, 1, text.value());
            case AnyValue.Bool bool -> set(built, 2, bool.value());
            case AnyValue.Whole whole -> set(built, 3, whole.value());
            case AnyValue.Real real -> set(built, 4, real.value());
            case AnyValue.Items items -> set(built, 5, fields(items.value()));
            case AnyValue.Entries entries -> set(built, 6, fields(entries.value()));
            case AnyValue.Raw raw -> set(built, 7, convert(raw.value()));
            case AnyValue.None _ -> built.build();
        };
    }

    private static DynamicMessage set(DynamicMessage.Builder built, int field, Object value) {
        return built.setField(built.getDescriptorForType().findFieldByNumber(field), value)
                .build();
    }

    private static Object convert(Object value) {
        return switch (value) {
            case Bytes bytes -> ByteString.copyFrom(bytes.toArray());
            case Message message -> toDynamic(message);
            case ApplyState state -> state.number();
            case PackageType type -> type.number();
            case PackageState state -> state.number();
            case ServerErrorType type -> type.number();
            case CommandType type -> type.number();
            default -> value;
        };
    }

    private static @Nullable Object component(Object message, RecordComponent[] components, String name) {
        for (RecordComponent component : components) {
            if (component.getName().equals(name)) {
                try {
                    return component.getAccessor().invoke(message);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        throw new IllegalStateException(message.getClass().getSimpleName() + " has no component " + name);
    }

    static String camelCase(String snakeCase) {
        StringBuilder name = new StringBuilder();
        boolean upper = false;
        for (int i = 0; i < snakeCase.length(); i++) {
            char c = snakeCase.charAt(i);
            if (c == '_') {
                upper = true;
            } else {
                name.append(upper ? Character.toUpperCase(c) : c);
                upper = false;
            }
        }
        return name.toString();
    }
}
