package dev.vmext.server.http;

/** Text of a stranger, made fit for a message: short and without control characters. */
final class Shown {
    private static final int MAX = 80;

    private Shown() {}

    static String text(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= MAX ? clean : clean.substring(0, MAX) + "...";
    }
}
