package dev.vmext.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One line per record: time, level, where, text. A bug's stack follows in indented lines. */
final class LogLines extends Formatter {
    @Override
    public String format(LogRecord record) {
        String where = record.getLoggerName() == null ? "" : record.getLoggerName();
        // A line is a record: what strangers sent must not look like one of ours.
        String text = formatMessage(record).replace("\r", "\\r").replace("\n", "\\n");
        String line = String.format(
                Locale.ROOT,
                "%s %-7s %s: %s%n",
                record.getInstant(),
                record.getLevel().getName(),
                where.substring(where.lastIndexOf('.') + 1),
                text);
        return record.getThrown() == null ? line : line + stack(record.getThrown());
    }

    private static String stack(Throwable thrown) {
        var text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString().indent(4);
    }
}
