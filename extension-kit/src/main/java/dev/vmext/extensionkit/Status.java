package dev.vmext.extensionkit;

import java.util.List;
import java.util.Locale;

/** What a command reports about itself: a level, a code, a message for people, and parts with their own message. */
public record Status(Level level, int code, String message, List<Part> parts) {
    public Status {
        parts = List.copyOf(parts);
    }

    /** The levels of the contract; success and error are final. */
    public enum Level {
        TRANSITIONING,
        WARNING,
        SUCCESS,
        ERROR;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A substatus: one named part of the result, such as the output of a script. */
    public record Part(String name, Level level, int code, String message) {
        public static Part success(String name, String message) {
            return new Part(name, Level.SUCCESS, 0, message);
        }
    }

    public static Status transitioning(String message) {
        return new Status(Level.TRANSITIONING, 0, message, List.of());
    }

    public static Status success(String message) {
        return new Status(Level.SUCCESS, 0, message, List.of());
    }

    public static Status error(int code, String message) {
        return new Status(Level.ERROR, code, message, List.of());
    }

    public Status with(Part part) {
        List<Part> more = new java.util.ArrayList<>(parts);
        more.add(part);
        return new Status(level, code, message, more);
    }

    public boolean isFinal() {
        return level == Level.SUCCESS || level == Level.ERROR;
    }
}
