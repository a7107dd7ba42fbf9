package dev.vmext.access;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A public key that opens an account: checked down to its bytes, because sshd passes over a broken one without a word.
 *
 * @param text type, key and comment, as in a {@code .pub} file
 * @param expires from when on sshd refuses it
 * @param from addresses, networks or host patterns it may come from; empty for all
 * @param restrict whether forwarding, terminal and the user's own rc file are forbidden
 */
record SshKey(String text, Optional<Instant> expires, List<String> from, boolean restrict) {
    private static final Pattern LINE = Pattern.compile(
            "(?<type>[a-z0-9@.-]+)[ \\t]+(?<key>[A-Za-z0-9+/]+=*)(?<comment>[ \\t]+[^\\x00-\\x1f\\x7f]{0,200})?");
    private static final Set<String> TYPES = Set.of(
            "ssh-ed25519",
            "ssh-rsa",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com");
    /** What sshd takes; a pattern with other signs could end the option. */
    private static final Pattern FROM = Pattern.compile("!?[A-Za-z0-9*?.:/-]{1,100}");

    private static final int SHORTEST_RSA = 2048;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    SshKey {
        from = List.copyOf(from);
    }

    /** A text, or an object with limits to it. */
    static SshKey from(Fields account, String key, Json value) {
        if (value instanceof Json.Str(String text)) {
            return new SshKey(checked(account, key, text), Optional.empty(), List.of(), false);
        }
        Fields fields = Fields.of(account.path() + "." + key, value);
        String text = checked(fields, "key", fields.getString("key"));
        Optional<Instant> expires = fields.findString("expires").map(time -> instant(fields, time));
        List<String> from = Checks.matchingAll(
                fields, "from", 32, FROM, "an address, a network or a host pattern, like 10.0.0.0/8 or *.example.com");
        boolean restrict = fields.getBoolean("restrict", false);
        fields.refuseUnknown();
        return new SshKey(text, expires, from, restrict);
    }

    /** The line of an authorized_keys file. */
    String line() {
        List<String> options = new ArrayList<>();
        if (restrict) {
            options.add("restrict");
        }
        expires.ifPresent(time -> options.add("expiry-time=\"" + TIME.format(time) + "\""));
        if (!from.isEmpty()) {
            options.add("from=\"" + String.join(",", from) + "\"");
        }
        return (options.isEmpty() ? "" : String.join(",", options) + " ") + text;
    }

    private static Instant instant(Fields fields, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw fields.problem("expires", "it is not a time in UTC, like 2027-01-31T18:00:00Z");
        }
    }

    private static String checked(Fields fields, String key, String text) {
        String line = text.strip();
        Matcher parts = LINE.matcher(line);
        if (line.contains("PRIVATE KEY")) {
            throw fields.problem(key, "it is a private key, which belongs on no server; give the public one (.pub)");
        }
        if (!parts.matches()) {
            throw fields.problem(
                    key,
                    "it is not one line with type, key and comment, like the one in a .pub file; options are given"
                            + " beside it, as expires, from and restrict");
        }
        String type = parts.group("type");
        if (!TYPES.contains(type)) {
            throw fields.problem(key, "keys of type " + type + " are not taken; those of ssh-ed25519 are the best");
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(parts.group("key")));
            if (!new String(field(bytes), StandardCharsets.US_ASCII).equals(type)) {
                throw fields.problem(key, "the key is of another type than " + type);
            }
            int parted = 0;
            int bits = 0;
            while (bytes.hasRemaining()) {
                byte[] field = field(bytes);
                parted++;
                bits = Math.max(bits, new BigInteger(1, field).bitLength());
            }
            if (parted < Map.of("ssh-ed25519", 1).getOrDefault(type, 2)) {
                throw fields.problem(key, "the key is cut off");
            }
            if (type.equals("ssh-rsa") && bits < SHORTEST_RSA) {
                throw fields.problem(key, "the RSA key has %d bits, and %d are needed".formatted(bits, SHORTEST_RSA));
            }
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw fields.problem(key, "the key is damaged or cut off");
        }
        return line;
    }

    private static byte[] field(ByteBuffer bytes) {
        int length = bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] field = new byte[length];
        bytes.get(field);
        return field;
    }
}
