package dev.vmext.certificates;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Which certificates are wanted, checked. */
record CertificateSettings(
        List<Wanted> certificates,
        Optional<Acme> acme,
        String calendar,
        int jitterMinutes,
        Map<String, String> hooks,
        Map<String, String> environment) {
    private static final int MOST = 32;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-f:]*:[0-9a-f:.]*");
    private static final Pattern ACCOUNT = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    private static final Pattern UNIT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9:_.@-]{0,117}\\.(service|target|socket)");
    private static final Pattern SERVER = Pattern.compile("https://[A-Za-z0-9\\[][A-Za-z0-9._~:/?\\[\\]&=%-]{0,480}");
    private static final Pattern EMAIL = Pattern.compile("[A-Za-z0-9._%+][A-Za-z0-9._%+-]*@[A-Za-z0-9][A-Za-z0-9.-]*");
    private static final Pattern FOLDER = Pattern.compile("/[A-Za-z0-9/._+@:=-]{0,999}");
    private static final Pattern CALENDAR = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*/:,.~ +-]{0,99}");
    /** A provider called exec would run a program of the settings' choice. */
    private static final Pattern PROVIDER = Pattern.compile("(?!exec$)[a-z0-9][a-z0-9-]{0,31}");
    /** Variables of providers; those that change how programs are loaded or run are none. */
    private static final Pattern VARIABLE = Pattern.compile("(?!LD_|EXEC_|LEGO_)[A-Z][A-Z0-9]*_[A-Z0-9_]+");

    private static final Pattern VALUE = Pattern.compile("[^\\x00-\\x1f\\x7f]{0,4096}");

    CertificateSettings {
        certificates = List.copyOf(certificates);
        hooks = Map.copyOf(hooks);
        environment = Map.copyOf(environment);
    }

    /**
     * One certificate.
     *
     * @param names DNS names, and addresses in the one spelling that certificates are compared in
     * @param renewBeforeDays 0 for a third of its life
     */
    record Wanted(
            String name,
            List<String> names,
            boolean byAcme,
            String keyType,
            int lifeDays,
            int renewBeforeDays,
            Rights rights,
            List<String> reloadUnits) {
        Wanted {
            names = List.copyOf(names);
            reloadUnits = List.copyOf(reloadUnits);
        }
    }

    record Rights(String owner, String group, String mode) {}

    /** Where certificates come from that the control plane does not issue. */
    record Acme(
            String server,
            String email,
            String challenge,
            int port,
            Optional<String> webroot,
            Optional<String> provider,
            Optional<String> authority) {}

    static CertificateSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        Fields secrets = settings.protectedFields();
        CertificateSettings read = new CertificateSettings(
                certificates(fields),
                fields.has("acme") ? Optional.of(acme(fields.getObject("acme"))) : Optional.empty(),
                fields.has("calendar")
                        ? matching(
                                fields, "calendar", CALENDAR, "a calendar expression of systemd, like *-*-* 03:00:00")
                        : "*-*-* 00/6:00:00",
                fields.getInt("jitterMinutes", 60, 0, 1440),
                fields.getStringMap("hooks"),
                environment(secrets));
        fields.refuseUnknown();
        secrets.refuseUnknown();
        check(read, fields);
        return read;
    }

    private static void check(CertificateSettings read, Fields fields) {
        Set<String> names = new HashSet<>();
        for (Wanted one : read.certificates) {
            names.add(one.name());
            Acme acme = read.acme.orElse(null);
            if (!one.byAcme()) {
                continue;
            }
            if (acme == null) {
                throw fields.problem("acme", "it is missing, and the certificate " + one.name() + " has issuer acme");
            }
            if (one.names().stream().anyMatch(n -> n.startsWith("*."))
                    && !acme.challenge().equals("dns")) {
                throw fields.problem(
                        "acme.challenge",
                        "the certificate " + one.name() + " has a name with *, which needs challenge dns");
            }
            if (one.names().stream().anyMatch(n -> ADDRESS.matcher(n).matches())) {
                throw fields.problem(
                        "certificates",
                        one.name() + " has an address, which is possible with issuer control-plane only");
            }
        }
        for (Map.Entry<String, String> hook : read.hooks.entrySet()) {
            if (!names.contains(hook.getKey())) {
                throw fields.problem("hooks", "there is no certificate " + shown(hook.getKey()));
            }
            if (hook.getValue().isEmpty() || hook.getValue().length() > 65_536) {
                throw fields.problem("hooks." + hook.getKey(), "it is not a script of 1 to 65536 characters");
            }
        }
    }

    private static List<Wanted> certificates(Fields fields) {
        List<Json> items = fields.getList("certificates");
        if (items.size() > MOST) {
            throw fields.problem("certificates", "there are more than " + MOST);
        }
        List<Wanted> all = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Json item : items) {
            Fields one = Fields.of("settings.certificates[" + all.size() + "]", item);
            String name = matching(one, "name", NAME, "a name of at most 32 small letters, digits and hyphens");
            if (!taken.add(name)) {
                throw one.problem("name", name + " is taken; give each certificate a name of its own");
            }
            boolean acme = one.getWord("issuer", "control-plane", List.of("control-plane", "acme"))
                    .equals("acme");
            if (acme && one.has("lifeDays")) {
                throw one.problem("lifeDays", "an ACME server decides it itself");
            }
            all.add(new Wanted(
                    name,
                    names(one),
                    acme,
                    one.getWord(
                            "keyType", "ec-p256", List.of("ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096")),
                    one.getInt("lifeDays", 30, 1, 397),
                    one.getInt("renewBeforeDays", 0, 0, 365),
                    new Rights(
                            one.has("owner") ? matching(one, "owner", ACCOUNT, "a name of a user") : "root",
                            one.has("group") ? matching(one, "group", ACCOUNT, "a name of a group") : "root",
                            one.getWord("mode", "0600", List.of("0400", "0440", "0600", "0640"))),
                    units(one)));
            one.refuseUnknown();
            Wanted last = all.getLast();
            if (!acme && last.renewBeforeDays() >= last.lifeDays()) {
                throw one.problem("renewBeforeDays", "it is not less than lifeDays, so it would be renewed for ever");
            }
        }
        return all;
    }

    private static List<String> names(Fields fields) {
        List<String> names = new ArrayList<>();
        for (String name : fields.getStrings("names")) {
            String key = "names[" + names.size() + "]";
            String one = ADDRESS.matcher(name).matches() ? address(fields, key, name) : dnsName(fields, key, name);
            if (names.contains(one)) {
                throw fields.problem(key, "it is there twice");
            }
            names.add(one);
        }
        if (names.isEmpty() || names.size() > 50) {
            throw fields.problem("names", "there must be 1 to 50 names");
        }
        return names;
    }

    private static String address(Fields fields, String key, String name) {
        try {
            return InetAddress.ofLiteral(name).getHostAddress();
        } catch (IllegalArgumentException e) {
            throw fields.problem(key, "it is no IP address");
        }
    }

    private static String dnsName(Fields fields, String key, String name) {
        String[] labels = (name.startsWith("*.") ? name.substring(2) : name).split("\\.", -1);
        for (String label : labels) {
            if (!LABEL.matcher(label).matches() || name.length() > 253) {
                throw fields.problem(key, "it is no DNS name in small letters, like www.example.org or *.example.org");
            }
        }
        if (name.startsWith("*.") && labels.length < 2) {
            throw fields.problem(key, "it would be good for all names of a top-level domain");
        }
        return name;
    }

    private static List<String> units(Fields fields) {
        List<String> units = fields.getStrings("reloadUnits");
        for (int i = 0; i < units.size(); i++) {
            if (!UNIT.matcher(units.get(i)).matches() || i >= 16) {
                throw fields.problem("reloadUnits[" + i + "]", "it is not one of at most 16 units like nginx.service");
            }
        }
        return units;
    }

    private static Acme acme(Fields fields) {
        String challenge = fields.getWord("challenge", "http", List.of("http", "tls", "dns"));
        int port = fields.getInt("port", 0, 0, 65_535);
        Acme acme = new Acme(
                fields.has("server")
                        ? matching(fields, "server", SERVER, "an https address of an ACME directory")
                        : "https://acme-v02.api.letsencrypt.org/directory",
                matching(fields, "email", EMAIL, "an address like ops@example.org"),
                challenge,
                port == 0 ? challenge.equals("tls") ? 443 : 80 : port,
                fields.has("webroot") ? Optional.of(matching(fields, "webroot", FOLDER, "a folder")) : Optional.empty(),
                fields.has("provider")
                        ? Optional.of(matching(fields, "provider", PROVIDER, "a DNS provider of lego other than exec"))
                        : Optional.empty(),
                fields.findString("caCertificate"));
        if (!fields.getBoolean("termsAgreed", false)) {
            throw fields.problem("termsAgreed", "it must be true: an account needs that you agree with the terms");
        }
        fields.refuseUnknown();
        if (challenge.equals("dns") != acme.provider().isPresent()) {
            throw fields.problem(
                    "provider",
                    challenge.equals("dns") ? "it is missing, and challenge dns needs it" : "it is for challenge dns");
        }
        if (acme.webroot().isPresent() && (!challenge.equals("http") || port != 0)) {
            throw fields.problem("webroot", "it is for challenge http without a port: a web server answers then");
        }
        if (acme.authority()
                .filter(pem -> !pem.contains("-----BEGIN CERTIFICATE-----"))
                .isPresent()) {
            throw fields.problem("caCertificate", "it has no PEM block CERTIFICATE");
        }
        return acme;
    }

    private static Map<String, String> environment(Fields secrets) {
        Map<String, String> variables = new TreeMap<>(secrets.getStringMap("environment"));
        for (Map.Entry<String, String> one : variables.entrySet()) {
            if (!VARIABLE.matcher(one.getKey()).matches()) {
                throw secrets.problem(
                        "environment",
                        shown(one.getKey()) + " is no variable of a DNS provider, like RFC2136_TSIG_KEY");
            }
            if (!VALUE.matcher(one.getValue()).matches()) {
                throw secrets.problem(
                        "environment." + one.getKey(), "it is not on one line of at most 4096 characters");
            }
        }
        return variables;
    }

    private static String shown(String text) {
        return new Json.Str(text.length() > 60 ? text.substring(0, 60) : text).text();
    }

    private static String matching(Fields fields, String key, Pattern pattern, String what) {
        String text = fields.getString(key);
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }

    /** Whether a name is an address. */
    static boolean isAddress(String name) {
        return ADDRESS.matcher(name).matches();
    }
}
