package dev.vmext.configuration;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.machine.Downloads;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Where the playbook comes from. */
sealed interface Source {
    /** The most characters of a playbook in the settings. */
    int LONGEST = 256 * 1024;

    /** The text itself. */
    record Inline(String playbook) implements Source {}

    /** Made of the typed settings. */
    record Desired(DesiredState state) implements Source {}

    /** A playbook, or a tar archive that has one. */
    record Download(Downloads.Wish wish, Optional<String> entry) implements Source {}

    /** A folder that another extension brings. */
    record FromPackage(String name, String entry) implements Source {}

    /** What is wrong where a path leads out of the folder. */
    Pattern ENTRY = Pattern.compile("(?!.*(^|/)\\.\\.?(/|$))[A-Za-z0-9._][A-Za-z0-9._/-]{0,199}\\.ya?ml");

    Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    Pattern URL = Pattern.compile("https?://[^\\s@/]+(/\\S*)?");
    Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
    Set<String> RESERVED = Set.of("connection", "content-length", "expect", "host", "range", "upgrade");

    static Source from(Settings settings, Fields open, Fields secret) {
        List<Source> sources = new ArrayList<>();
        open.findString("playbook").ifPresent(text -> sources.add(new Inline(playbook(open, "playbook", text))));
        Map<String, String> headers = secret.getStringMap("downloadHeaders");
        if (open.has("download")) {
            sources.add(download(open.getObject("download"), secret, headers));
        } else if (!headers.isEmpty()) {
            throw secret.problem("downloadHeaders", "there is no settings.download that they could be for");
        }
        if (open.has("package")) {
            Fields fields = open.getObject("package");
            FromPackage found = new FromPackage(
                    matching(fields, "name", fields.getString("name"), NAME, "the name of a folder"),
                    entry(fields).orElse("site.yml"));
            fields.refuseUnknown();
            sources.add(found);
        }
        DesiredState.find(open).ifPresent(state -> sources.add(new Desired(state)));
        if (sources.size() != 1) {
            throw HandlerException.badSettings(
                    sources.isEmpty()
                            ? "cannot configure the machine: the settings say nothing about it"
                            : "cannot configure the machine: the settings name more than one source",
                    "Give one of settings.playbook, settings.download, settings.package, or any of settings.files, "
                            + "packages, services, users and sysctl.");
        }
        return sources.getFirst();
    }

    static String playbook(Fields fields, String key, String text) {
        String playbook = text.replace("\r\n", "\n");
        if (playbook.isBlank()) {
            throw fields.problem(key, "it is empty");
        }
        if (playbook.length() > LONGEST) {
            throw fields.problem(key, "it is longer than " + LONGEST + " characters; give settings.download");
        }
        if (playbook.indexOf('\0') >= 0) {
            throw fields.problem(key, "it has a NUL character");
        }
        return playbook.endsWith("\n") ? playbook : playbook + "\n";
    }

    private static Source download(Fields fields, Fields secret, Map<String, String> headers) {
        String url =
                matching(fields, "url", fields.getString("url"), URL, "an http or https address without a user in it");
        String digest = matching(
                fields,
                "digest",
                fields.getString("digest"),
                DIGEST,
                "sha256: and 64 small hexadecimal digits, as sha256sum prints them");
        headers.forEach((name, value) -> {
            if (!HEADER.matcher(name).matches()
                    || RESERVED.contains(name.toLowerCase(Locale.ROOT))
                    || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
                throw secret.problem("downloadHeaders", "one has a name or a value that cannot be sent");
            }
        });
        Optional<String> entry = entry(fields);
        fields.refuseUnknown();
        try {
            return new Download(new Downloads.Wish("of the playbook", URI.create(url), digest, headers), entry);
        } catch (IllegalArgumentException e) {
            throw fields.problem("url", "it is not an address");
        }
    }

    private static Optional<String> entry(Fields fields) {
        return fields.findString("playbook")
                .map(text -> matching(
                        fields, "playbook", text, ENTRY, "the path of a .yml file within the folder, like site.yml"));
    }

    private static String matching(Fields fields, String key, String text, Pattern pattern, String what) {
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }
}
