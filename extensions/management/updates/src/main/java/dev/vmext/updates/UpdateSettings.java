package dev.vmext.updates;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What is to be done about updates, checked. */
record UpdateSettings(
        Selection selection,
        List<Window> windows,
        Timing timing,
        Optional<String> installNow,
        boolean restarts,
        Grace grace,
        List<String> restartPackages,
        Hooks hooks,
        Pace pace) {
    private static final int MOST_WINDOWS = 16;
    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern START = Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]");
    private static final Pattern ZONE = Pattern.compile("[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*");
    private static final Pattern PACKAGE = Pattern.compile("[a-z0-9*?][a-z0-9.+*?-]{0,127}");
    private static final Pattern ORIGIN = Pattern.compile("[^\\s\\x00-\\x1f\\x7f]{1,200}");
    private static final Pattern CALENDAR = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*/:,.~ +-]{0,99}");
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    UpdateSettings {
        windows = List.copyOf(windows);
        restartPackages = List.copyOf(restartPackages);
    }

    /** Which updates are installed. Patterns are those of the shell, for names of packages and for origins. */
    record Selection(
            boolean security, boolean other, List<String> include, List<String> exclude, List<String> securityOrigins) {
        Selection {
            include = List.copyOf(include);
            exclude = List.copyOf(exclude);
            securityOrigins = List.copyOf(securityOrigins);
        }
    }

    /** Begins at this time of day on these days, in the zone of {@link Timing}. */
    record Window(String name, List<String> days, String start, int minutes) {
        Window {
            days = List.copyOf(days);
        }
    }

    record Timing(String zone, int jitterMinutes, String calendar, int calendarJitterMinutes) {}

    record Grace(int securityDays, int otherDays) {}

    record Hooks(Optional<String> before, Optional<String> after, int timeoutSeconds) {}

    record Pace(int batch, int marginMinutes) {}

    static UpdateSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        List<Window> windows = windows(fields);
        String zone = zone(fields);
        int jitter = fields.getInt("jitterMinutes", 10, 0, 720);
        int margin = fields.getInt("marginMinutes", 5, 0, 720);
        Fields assessment = part(fields, "assessment");
        String calendar = assessment.has("calendar")
                ? matching(assessment, "calendar", CALENDAR, "a calendar expression of systemd, like *-*-* 03:00:00")
                : "*-*-* 00/6:00:00";
        int calendarJitter = assessment.getInt("jitterMinutes", 60, 0, 1440);
        assessment.refuseUnknown();
        UpdateSettings read = new UpdateSettings(
                selection(fields),
                windows,
                new Timing(zone, jitter, calendar, calendarJitter),
                installNow(fields),
                fields.getWord("reboot", "never", List.of("never", "if-needed")).equals("if-needed"),
                grace(part(fields, "graceDays")),
                fields.has("restartPackages")
                        ? patterns(fields, "restartPackages", 64, PACKAGE, "a pattern for names of packages")
                        : List.of(
                                "libc6",
                                "systemd",
                                "dbus",
                                "udev",
                                "linux-image-*",
                                "intel-microcode",
                                "amd64-microcode"),
                hooks(part(fields, "hooks")),
                new Pace(fields.getInt("batchSize", 10, 1, 500), margin));
        fields.refuseUnknown();
        settings.protectedFields().refuseUnknown();
        for (Window window : windows) {
            if (jitter + margin >= window.minutes()) {
                throw fields.problem(
                        jitter >= window.minutes() ? "jitterMinutes" : "marginMinutes",
                        "jitterMinutes and marginMinutes together are not shorter than the window " + window.name()
                                + " of " + window.minutes() + " minutes, so nothing might ever be installed");
            }
        }
        return read;
    }

    private static Selection selection(Fields fields) {
        List<String> classes =
                fields.has("classifications") ? fields.getStrings("classifications") : List.of("security");
        for (String one : classes) {
            if (!List.of("security", "other").contains(one)) {
                throw fields.problem("classifications", "they are not of security, other");
            }
        }
        if (new HashSet<>(classes).size() != classes.size()) {
            throw fields.problem("classifications", "one of them is there twice");
        }
        String what = "a pattern for names of packages, like linux-image-*";
        return new Selection(
                classes.contains("security"),
                classes.contains("other"),
                patterns(fields, "include", 256, PACKAGE, what),
                patterns(fields, "exclude", 256, PACKAGE, what),
                fields.has("securityOrigins")
                        ? patterns(
                                fields,
                                "securityOrigins",
                                32,
                                ORIGIN,
                                "a pattern without spaces of at most 200 characters")
                        : List.of("*-security"));
    }

    private static List<Window> windows(Fields fields) {
        if (!fields.has("windows")) {
            return List.of(new Window("daily", DAYS, "03:00", 120));
        }
        List<Json> items = fields.getList("windows");
        if (items.size() > MOST_WINDOWS) {
            throw fields.problem("windows", "there are more than " + MOST_WINDOWS);
        }
        List<Window> windows = new ArrayList<>();
        // The name of what is installed outside of windows.
        Set<String> names = new HashSet<>(Set.of("now"));
        for (Json item : items) {
            Fields one = Fields.of("settings.windows[" + windows.size() + "]", item);
            String name = matching(one, "name", NAME, "a name of at most 32 small letters, digits and hyphens");
            if (!names.add(name)) {
                throw one.problem("name", name + " is taken; give each window a name of its own");
            }
            windows.add(new Window(
                    name,
                    days(one),
                    matching(one, "start", START, "a time of day like 03:00"),
                    one.getInt("minutes", 120, 15, 1380)));
            one.refuseUnknown();
        }
        return windows;
    }

    private static List<String> days(Fields fields) {
        if (!fields.has("days")) {
            return DAYS;
        }
        List<String> days = fields.getStrings("days");
        if (days.isEmpty() || !DAYS.containsAll(days) || new HashSet<>(days).size() != days.size()) {
            throw fields.problem("days", "they are not one or more different of " + String.join(", ", DAYS));
        }
        return DAYS.stream().filter(days::contains).toList();
    }

    private static String zone(Fields fields) {
        if (!fields.has("timeZone")) {
            return "UTC";
        }
        String zone = matching(fields, "timeZone", ZONE, "the name of a time zone, like Europe/Berlin");
        try {
            return ZoneId.of(zone).getId();
        } catch (DateTimeException e) {
            throw fields.problem("timeZone", "there is no time zone " + zone + "; it should be like Europe/Berlin");
        }
    }

    private static Optional<String> installNow(Fields fields) {
        if (!fields.has("installNow")) {
            return Optional.empty();
        }
        Fields now = fields.getObject("installNow");
        String id = matching(now, "id", ID, "an id of at most 64 letters, digits, dots, hyphens and underscores");
        now.refuseUnknown();
        return Optional.of(id);
    }

    private static Grace grace(Fields fields) {
        Grace grace = new Grace(fields.getInt("security", 0, 0, 3650), fields.getInt("other", 30, 0, 3650));
        fields.refuseUnknown();
        return grace;
    }

    private static Hooks hooks(Fields fields) {
        Hooks hooks = new Hooks(
                script(fields, "before"), script(fields, "after"), fields.getInt("timeoutSeconds", 600, 1, 7200));
        fields.refuseUnknown();
        return hooks;
    }

    private static Optional<String> script(Fields fields, String key) {
        Optional<String> text = fields.findString(key);
        if (text.isPresent() && (text.get().isEmpty() || text.get().length() > 65_536)) {
            throw fields.problem(key, "it is not a script of 1 to 65536 characters");
        }
        return text;
    }

    private static Fields part(Fields fields, String key) {
        return fields.has(key) ? fields.getObject(key) : Fields.of(fields.path() + "." + key, Json.object());
    }

    private static String matching(Fields fields, String key, Pattern pattern, String what) {
        String text = fields.getString(key);
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }

    private static List<String> patterns(Fields fields, String key, int most, Pattern pattern, String what) {
        List<String> texts = fields.getStrings(key);
        if (texts.size() > most) {
            throw fields.problem(key, "there are more than " + most);
        }
        for (int i = 0; i < texts.size(); i++) {
            if (!pattern.matcher(texts.get(i)).matches()) {
                throw fields.problem(key + "[" + i + "]", "it is not " + what);
            }
        }
        return texts;
    }
}
