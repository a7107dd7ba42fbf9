package dev.vmext.agent.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree on one line with {@code ", "} and {@code ": "} between its parts, as the contract's agent does (azure-contract 1.6):
 * some handlers read these files with text tools, and some in a locale that knows ASCII only. Pure.
 */
public final class SpacedJson {
    private static final String HEX = "0123456789abcdef";

    private SpacedJson() {}

    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        value(out, value);
        return out.toString();
    }

    private static void value(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> object -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<?, ?> field : object.entrySet()) {
                    out.append(separator);
                    string(out, String.valueOf(field.getKey()));
                    out.append(": ");
                    value(out, field.getValue());
                    separator = ", ";
                }
                out.append('}');
            }
            case List<?> array -> {
                out.append('[');
                String separator = "";
                for (Object item : array) {
                    out.append(separator);
                    value(out, item);
                    separator = ", ";
                }
                out.append(']');
            }
            case String text -> string(out, text);
            case JsonNumberText number -> out.append(number.text());
            default -> out.append(value);
        }
    }

    private static void string(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c > 0x7e) {
                        out.append("\\u")
                                .append(HEX.charAt(c >> 12))
                                .append(HEX.charAt(c >> 8 & 15))
                                .append(HEX.charAt(c >> 4 & 15))
                                .append(HEX.charAt(c & 15));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
