package dev.vmext.agent.seal;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The shapes in which programs print a value: as it is, quoted for a shell, escaped for JSON, XML or an address, in base64 alone or as
 * part of something larger. Encryption, compression and base64 that is wrapped into lines are not among them. Pure.
 */
final class SecretForms {
    /** What is left of a short value in the middle of base64 could stand in any text. */
    private static final int SHORTEST_BASE64 = 7;

    private SecretForms() {}

    /** Adds the value and its forms. */
    static void addTo(String value, Set<String> into) {
        into.add(value);
        into.add(json(value, false));
        into.add(json(value, true));
        into.add(xml(value, "&quot;", "&#39;"));
        into.add(xml(value, "&quot;", "&#x27;")); // Python
        into.add(xml(value, "&quot;", "&apos;"));
        into.add(xml(value, "&#34;", "&#39;")); // Go
        into.add(xml(value, "\"", "'"));
        into.add(value.replace("'", "'\\''"));
        into.add(value.replace("'", "'\"'\"'"));
        into.add(escaped(value, "\\\"$`"));
        into.add(escaped(value, " \\\"'$`!&;|<>()*?[]{}#~\t"));
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        percent(bytes, into::add);
        base64(bytes, into::add);
    }

    private static String json(String value, boolean ascii) {
        StringBuilder out = new StringBuilder(value.length() + 8);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || (ascii && (c >= 0x7f || c == '<' || c == '>' || c == '&'))) {
                        out.append("\\u").append(hex(c >> 8, false)).append(hex(c & 0xff, false));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static String xml(String value, String quote, String apostrophe) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", quote)
                .replace("'", apostrophe);
    }

    private static String escaped(String value, String special) {
        StringBuilder out = new StringBuilder(value.length() + 8);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (special.indexOf(c) >= 0) {
                out.append('\\');
            }
            out.append(c);
        }
        return out.toString();
    }

    /** As a form sends it and as a path has it, with digits in both cases. */
    private static void percent(byte[] bytes, Consumer<String> out) {
        for (boolean upper : new boolean[] {true, false}) {
            for (String plain : new String[] {"-_.~", "-_.*", "-_.!~*'()", "-_.~/:@!$&'()*+,;="}) {
                for (String space : new String[] {"%20", "+"}) {
                    StringBuilder text = new StringBuilder(bytes.length * 2);
                    for (byte b : bytes) {
                        int c = b & 0xff;
                        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                        if (c == ' ') {
                            text.append(space);
                        } else if (letter || plain.indexOf(c) >= 0) {
                            text.append((char) c);
                        } else {
                            text.append('%').append(hex(c, upper));
                        }
                    }
                    out.accept(text.toString());
                }
            }
        }
    }

    private static String hex(int value, boolean upper) {
        String digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
        return "" + digits.charAt(value >> 4 & 15) + digits.charAt(value & 15);
    }

    /** A value inside of a larger text begins at one of three places of base64's groups; the characters it alone decides are kept. */
    private static void base64(byte[] bytes, Consumer<String> out) {
        for (int offset = 0; offset < 3; offset++) {
            byte[] shifted = new byte[offset + bytes.length];
            System.arraycopy(bytes, 0, shifted, offset, bytes.length);
            int from = offset == 0 ? 0 : offset + 1;
            int to = shifted.length * 8 / 6;
            if (to - from >= SHORTEST_BASE64) {
                out.accept(Base64.getEncoder().encodeToString(shifted).substring(from, to));
                out.accept(Base64.getUrlEncoder().encodeToString(shifted).substring(from, to));
            }
        }
    }
}
