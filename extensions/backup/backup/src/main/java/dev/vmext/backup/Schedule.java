package dev.vmext.backup;

import dev.vmext.extensionkit.Fields;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * When backups are made by themselves.
 *
 * @param calendar an expression of systemd; with kind calendar
 * @param everyMinutes time from the begin of one to the next; with kind every
 * @param jitterMinutes by how much each machine differs
 * @param window in which a run may begin and must end; local time of the machine
 */
record Schedule(Kind kind, String calendar, int everyMinutes, int jitterMinutes, Optional<Window> window) {
    private static final Pattern CALENDAR = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*/:,.~ _+-]{0,99}");
    private static final Pattern CLOCK = Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]");

    /** What decides. */
    enum Kind {
        CALENDAR,
        EVERY,
        /** Only when somebody asks. */
        MANUAL
    }

    /** From one time of the day to another, over midnight when the second is the earlier one. */
    record Window(String from, String to) {}

    static Schedule from(Fields fields) {
        Kind kind = Kind.valueOf(fields.getWord("when", "calendar", java.util.List.of("calendar", "every", "manual"))
                .toUpperCase(java.util.Locale.ROOT));
        boolean saysCalendar = fields.has("calendar");
        String calendar = fields.findString("calendar").orElse("*-*-* 02:30:00");
        if (!CALENDAR.matcher(calendar).matches()) {
            throw fields.problem("calendar", "it is not a calendar expression of systemd, like *-*-* 02:30:00");
        }
        boolean saysEvery = fields.has("everyMinutes");
        int every = fields.getInt("everyMinutes", 360, 5, 43_200);
        int jitter = fields.getInt("jitterMinutes", kind == Kind.CALENDAR ? 60 : 0, 0, 1440);
        Optional<Window> window = Optional.empty();
        if (fields.has("window")) {
            Fields part = fields.getObject("window");
            window = Optional.of(new Window(clock(part, "from"), clock(part, "to")));
            part.refuseUnknown();
            if (window.get().from().equals(window.get().to())) {
                throw part.problem("to", "it is the same as from, so the window would be empty");
            }
        }
        fields.refuseUnknown();
        if (kind != Kind.CALENDAR && saysCalendar) {
            throw fields.problem("calendar", "it is used with when: calendar only");
        }
        if (kind != Kind.EVERY && saysEvery) {
            throw fields.problem("everyMinutes", "it is used with when: every only");
        }
        return new Schedule(kind, calendar, every, jitter, window);
    }

    private static String clock(Fields fields, String key) {
        String text = fields.getString(key);
        if (!CLOCK.matcher(text).matches()) {
            throw fields.problem(key, "it is not a time of the day like 22:00");
        }
        return text;
    }

    /** On one line, for people. */
    String shown() {
        String when = switch (kind) {
            case CALENDAR -> calendar;
            case EVERY -> "every " + everyMinutes + " minutes";
            case MANUAL -> "by hand only";
        };
        return when
                + window.map(w -> ", between " + w.from() + " and " + w.to()).orElse("");
    }
}
