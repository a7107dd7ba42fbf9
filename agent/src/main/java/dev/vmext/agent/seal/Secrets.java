package dev.vmext.agent.seal;

import dev.vmext.agent.json.JsonNumberText;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.protocol.goal.ProtectedSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The values that must not be shown, learnt from protected settings, and their removal from any text. Kept in memory only. Any thread.
 */
public final class Secrets {
    /** Shorter values (a digit, "yes") would black out half of every log and protect nothing. */
    private static final int SHORTEST = 4;

    private static final String BLACK = "[redacted]";
    private volatile @Nullable SettingsKey key;
    /** The longest first: a secret may contain another one. Replaced as a whole. */
    private volatile Set<String> values = newSet();

    private static Set<String> newSet() {
        return new TreeSet<>(
                Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));
    }

    /** The key that protected settings are sealed for. */
    public void opensWith(SettingsKey settingsKey) {
        key = settingsKey;
    }

    /** The settings that were sealed, as a tree; learns every value in them. */
    public Map<?, ?> open(ProtectedSettings sealed) throws IOException {
        SettingsKey mine = key;
        if (mine == null) {
            throw new IOException("this machine has no settings key yet");
        }
        if (!mine.thumbprint().equals(sealed.thumbprint())) {
            throw new IOException(
                    "they were sealed for key " + sealed.thumbprint() + ", this machine's is " + mine.thumbprint());
        }
        byte[] der;
        try {
            der = Base64.getDecoder().decode(sealed.cms());
        } catch (IllegalArgumentException e) {
            throw new IOException("they are no base64", e);
        }
        if (!(JsonTree.parse(Envelope.open(der, mine)) instanceof Map<?, ?> settings)) {
            throw new IOException("they are no JSON object");
        }
        learn(settings);
        return settings;
    }

    /** A value from elsewhere, such as the enrolment token. */
    public void learnValue(String secret) {
        learn(secret);
    }

    private synchronized void learn(Object tree) {
        Set<String> more = newSet();
        more.addAll(values);
        collect(tree, more);
        values = more;
    }

    private static void collect(@Nullable Object tree, Set<String> into) {
        switch (tree) {
            case null -> {
                // nothing to hide
            }
            case Map<?, ?> object -> object.values().forEach(value -> collect(value, into));
            case List<?> array -> array.forEach(value -> collect(value, into));
            case String text -> {
                add(text, into);
                // A secret of several lines is printed line by line; a line of one brace would black out everything.
                if (text.indexOf('\n') >= 0) {
                    for (String line : text.split("\n", -1)) {
                        add(line.strip(), into);
                    }
                }
            }
            case JsonNumberText number -> add(number.text(), into);
            default -> {
                // true and false are no secrets
            }
        }
    }

    private static void add(String value, Set<String> into) {
        if (value.length() >= SHORTEST) {
            SecretForms.addTo(value, into);
        }
    }

    /** Bytes that may hold secrets anywhere: each of theirs becomes an asterisk, so that all others keep their place. */
    public byte[] mask(byte[] bytes) {
        byte[] shown = bytes.clone();
        for (String value : values) {
            byte[] secret = value.getBytes(StandardCharsets.UTF_8);
            for (int at = indexOf(shown, secret, 0); at >= 0; at = indexOf(shown, secret, at + secret.length)) {
                Arrays.fill(shown, at, at + secret.length, (byte) '*');
            }
        }
        return shown;
    }

    /** How many bytes at the end may be the beginning of a secret whose rest is still to come. */
    public int undecided(byte[] bytes) {
        int most = 0;
        for (String value : values) {
            byte[] secret = value.getBytes(StandardCharsets.UTF_8);
            for (int length = Math.min(secret.length - 1, bytes.length); length > most; length--) {
                if (Arrays.equals(bytes, bytes.length - length, bytes.length, secret, 0, length)) {
                    most = length;
                }
            }
        }
        return most;
    }

    private static int indexOf(byte[] bytes, byte[] wanted, int from) {
        for (int at = from; at <= bytes.length - wanted.length; at++) {
            if (bytes[at] == wanted[0] && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    /** The text without any of the values, in whatever of their forms. */
    public String redact(String text) {
        String shown = text;
        for (String value : values) {
            shown = shown.replace(value, BLACK);
        }
        return shown;
    }
}
