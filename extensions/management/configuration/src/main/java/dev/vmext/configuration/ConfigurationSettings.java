package dev.vmext.configuration;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a machine should be, and when it is looked at and made so; checked.
 *
 * @param cleanUp a playbook that is run when the extension is removed
 * @param variables for the playbook, by name
 * @param secrets variables that are masked wherever they appear
 * @param apply whether anything is changed at all
 * @param onDrift whether a look that finds a difference makes it good at once
 */
record ConfigurationSettings(
        Source source,
        Optional<String> cleanUp,
        Json.Obj variables,
        Json.Obj secrets,
        boolean apply,
        boolean onDrift,
        String checkCalendar,
        Optional<String> applyCalendar,
        int jitterMinutes,
        int timeoutSeconds,
        Optional<URI> proxy) {
    static final int LONGEST_TIMEOUT_SECONDS = 7200;
    private static final Pattern CALENDAR = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*/:,.~ +-]{0,99}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final Pattern PROXY = Pattern.compile("http://[A-Za-z0-9.\\[\\]:-]+:[0-9]{1,5}/?");

    static ConfigurationSettings from(Settings settings) {
        Fields open = settings.publicFields();
        Fields secret = settings.protectedFields();
        Source source = Source.from(settings, open, secret);
        Optional<String> cleanUp = open.findString("cleanUp").map(text -> Source.playbook(open, "cleanUp", text));
        Json.Obj variables = variables(settings.publicSettings(), open);
        Json.Obj secrets = variables(settings.protectedSettings(), secret);
        secrets.fields().keySet().stream()
                .filter(variables.fields()::containsKey)
                .findFirst()
                .ifPresent(name -> {
                    throw secret.problem("variables", "the variable " + name + " is in the public settings too");
                });
        boolean apply = open.getWord("mode", "apply", List.of("apply", "check")).equals("apply");
        boolean onDrift = open.getBoolean("applyOnDrift", false);
        String check = calendar(open, "checkCalendar").orElse("*-*-* *:00/30:00");
        Optional<String> applied = calendar(open, "applyCalendar");
        int jitter = open.getInt("jitterMinutes", 5, 0, 1440);
        int timeout = open.getInt("timeoutSeconds", 1800, 1, LONGEST_TIMEOUT_SECONDS);
        Optional<URI> proxy = open.findString("proxy").map(text -> proxy(open, text));
        open.refuseUnknown();
        secret.refuseUnknown();
        if (!apply && (onDrift || applied.isPresent())) {
            throw HandlerException.badSettings(
                    "cannot use settings.mode: it is check, and " + (onDrift ? "applyOnDrift" : "applyCalendar")
                            + " would change the machine",
                    "Take that away, or use mode apply.");
        }
        return new ConfigurationSettings(
                source, cleanUp, variables, secrets, apply, onDrift, check, applied, jitter, timeout, proxy);
    }

    private static Json.Obj variables(Json.Obj settings, Fields fields) {
        if (!fields.has("variables")) {
            return Json.object();
        }
        fields.getObject("variables").keys().forEach(name -> {
            if (!VARIABLE.matcher(name).matches() || name.startsWith("ansible_")) {
                throw fields.problem(
                        "variables",
                        "a name is not made of letters, digits and _, or begins with ansible_, which are Ansible's"
                                + " own");
            }
        });
        return settings.find("variables").orElseThrow() instanceof Json.Obj object ? object : Json.object();
    }

    private static Optional<String> calendar(Fields fields, String key) {
        return fields.findString(key).map(text -> {
            if (!CALENDAR.matcher(text).matches()) {
                throw fields.problem(key, "it is not a calendar expression of systemd, like *-*-* 03:00:00");
            }
            return text;
        });
    }

    private static URI proxy(Fields fields, String text) {
        if (PROXY.matcher(text).matches()) {
            URI proxy = URI.create(text);
            if (proxy.getHost() != null && proxy.getPort() > 0 && proxy.getPort() <= 65_535) {
                return proxy;
            }
        }
        throw fields.problem("proxy", "it is not an address like http://proxy.example:3128");
    }

    @Override
    public String toString() {
        return "ConfigurationSettings[]";
    }
}
