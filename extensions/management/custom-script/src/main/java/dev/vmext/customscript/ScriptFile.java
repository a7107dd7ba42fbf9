package dev.vmext.customscript;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.machine.Downloads;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A file that lies in the script's folder when it starts.
 *
 * @param name without folders
 * @param executable whether its owner may run it
 * @param secret whether it came with the protected settings, and goes when the script has ended
 */
record ScriptFile(String name, Content content, boolean executable, boolean secret) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern URL = Pattern.compile("https?://[^\\s@/]+(/\\S*)?");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Set<String> RESERVED =
            Set.of("connection", "content-length", "expect", "host", "range", "upgrade");
    private static final int LONGEST = 256 * 1024;

    /** What is in it. */
    sealed interface Content {
        /** As it is, in UTF-8. */
        record Text(String text) implements Content {
            @Override
            public String toString() {
                return "Text[]";
            }
        }

        /** To be fetched. */
        record Download(Downloads.Wish wish) implements Content {}
    }

    static ScriptFile from(Fields fields, boolean secret) {
        String name = fields.getString("name");
        if (!NAME.matcher(name).matches()) {
            throw fields.problem(
                    "name", "it is not a file name of at most 128 letters, digits, dots, _ and - without folders");
        }
        boolean executable = fields.getBoolean("executable", false);
        if (fields.has("content") == fields.has("url")) {
            throw fields.problem("content", "exactly one of content and url is needed");
        }
        Content content = fields.has("content") ? text(fields) : download(fields, name, secret);
        fields.refuseUnknown();
        return new ScriptFile(name, content, executable, secret);
    }

    private static Content text(Fields fields) {
        String text = fields.getString("content");
        if (text.length() > LONGEST) {
            throw fields.problem("content", "it is longer than " + LONGEST + " characters; give an url");
        }
        return new Content.Text(text);
    }

    private static Content download(Fields fields, String name, boolean secret) {
        String url = fields.getString("url");
        if (url.length() > 2000 || !URL.matcher(url).matches()) {
            throw fields.problem("url", "it is not an http or https address of at most 2000 characters without a user");
        }
        String digest = fields.getString("digest");
        if (!DIGEST.matcher(digest).matches()) {
            throw fields.problem(
                    "digest", "it is not sha256: and 64 small hexadecimal digits, as sha256sum prints them");
        }
        Map<String, String> headers = secret ? fields.getStringMap("headers") : Map.of();
        headers.forEach((header, value) -> {
            if (!HEADER.matcher(header).matches()
                    || RESERVED.contains(header.toLowerCase(Locale.ROOT))
                    || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
                throw fields.problem("headers", "one has a name or a value that cannot be sent");
            }
        });
        try {
            return new Content.Download(new Downloads.Wish(name, URI.create(url), digest, headers));
        } catch (IllegalArgumentException e) {
            throw fields.problem("url", "it is not an address");
        }
    }
}
