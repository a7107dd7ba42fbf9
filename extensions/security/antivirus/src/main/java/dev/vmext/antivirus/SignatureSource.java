package dev.vmext.antivirus;

import dev.vmext.extensionkit.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Where signatures come from, how often they are looked for and when they are too old; checked. */
record SignatureSource(
        Kind kind,
        List<String> mirrors,
        List<String> databases,
        String calendar,
        int jitterMinutes,
        int maxAgeDays,
        Optional<Proxy> proxy) {
    private static final String USUAL_CALENDAR = "*-*-* 00/4:00:00";
    private static final Pattern URL = Pattern.compile("https?://[A-Za-z0-9\\[][A-Za-z0-9._~:/?\\[\\]!$&()*+,;=%-]*");
    private static final Pattern FILE = Pattern.compile(".*/[A-Za-z0-9][A-Za-z0-9._-]*\\."
            + "(hdb|hsb|mdb|msb|ndb|ldb|pdb|gdb|wdb|crb|cdb|cbc|idb|ftm|yar|yara|ign2|fp|sfp|cvd|cld|cud)");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?");
    private static final Pattern VISIBLE = Pattern.compile("[!-~]{1,128}");

    SignatureSource {
        mirrors = List.copyOf(mirrors);
        databases = List.copyOf(databases);
    }

    /** Who offers signatures. */
    enum Kind {
        OFFICIAL,
        MIRROR,
        PACKAGE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A proxy for fetching; the password is a protected setting. */
    record Proxy(String host, int port, Optional<String> username, Optional<String> password) {
        @Override
        public String toString() {
            return "Proxy[" + host + ":" + port + "]";
        }
    }

    /** Whether the public signatures of ClamAV are used, which need more than a gigabyte of memory. */
    boolean large() {
        return kind == Kind.OFFICIAL || !mirrors.isEmpty();
    }

    boolean fetches() {
        return kind != Kind.PACKAGE;
    }

    /** The file name of a database's address. */
    static String fileName(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    static SignatureSource from(Fields fields, Fields secrets) {
        Kind kind = Kind.valueOf(fields.getWord("source", "official", List.of("official", "mirror", "package"))
                .toUpperCase(Locale.ROOT));
        List<String> mirrors = urls(fields, "mirrors", 8);
        List<String> databases = urls(fields, "databases", 32);
        String calendar = Checks.calendar(fields, "calendar", USUAL_CALENDAR);
        int jitter = fields.getInt("jitterMinutes", 30, 0, 1440);
        int age = fields.getInt("maxAgeDays", 7, 1, 3650);
        Optional<String> password = secrets.findString("proxyPassword");
        Optional<Proxy> proxy =
                fields.has("proxy") ? Optional.of(proxy(fields.getObject("proxy"), secrets)) : Optional.empty();
        fields.refuseUnknown();
        if (proxy.isEmpty() && password.isPresent()) {
            throw secrets.problem("proxyPassword", "there is no signatures.proxy that it could be for");
        }
        if (kind != Kind.MIRROR && !mirrors.isEmpty()) {
            throw fields.problem("mirrors", "it is used with source mirror only, and the source is " + kind.word());
        }
        if (kind == Kind.MIRROR && mirrors.isEmpty() && databases.isEmpty()) {
            throw fields.problem("mirrors", "source mirror needs at least one of mirrors and databases");
        }
        if (kind == Kind.PACKAGE && !databases.isEmpty()) {
            throw fields.problem("databases", "source package fetches nothing; use official or mirror");
        }
        Set<String> names = new HashSet<>();
        for (String database : databases) {
            if (!FILE.matcher(database).matches()) {
                throw fields.problem(
                        "databases[" + names.size() + "]",
                        "it does not end with the name of a signature file, like /own.hdb");
            }
            if (!names.add(fileName(database))) {
                throw fields.problem(
                        "databases[" + names.size() + "]", "another one has the same file name, and would be replaced");
            }
        }
        return new SignatureSource(kind, mirrors, databases, calendar, jitter, age, proxy);
    }

    private static Proxy proxy(Fields fields, Fields secrets) {
        String host = Checks.matching(fields, "host", HOST, "a host name or an address");
        int port = fields.getInt("port", 3128, 1, 65535);
        Optional<String> user = fields.has("username")
                ? Optional.of(Checks.matching(fields, "username", VISIBLE, "a text of visible ASCII characters"))
                : Optional.empty();
        Optional<String> password = secrets.has("proxyPassword")
                ? Optional.of(Checks.matching(secrets, "proxyPassword", VISIBLE, "a text of visible ASCII characters"))
                : Optional.empty();
        fields.refuseUnknown();
        if (user.isEmpty() && password.isPresent()) {
            throw fields.problem("username", "it is missing, and there is a proxyPassword");
        }
        return new Proxy(host, port, user, password);
    }

    private static List<String> urls(Fields fields, String key, int most) {
        List<String> urls = new ArrayList<>();
        for (String url : Checks.atMost(fields, key, most)) {
            if (url.length() > 500 || !URL.matcher(url).matches()) {
                throw fields.problem(
                        key + "[" + urls.size() + "]",
                        "it is not an http or https address of at most 500 characters without user and fragment");
            }
            urls.add(url);
        }
        return urls;
    }
}
