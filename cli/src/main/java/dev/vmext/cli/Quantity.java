package dev.vmext.cli;

import java.util.Locale;

/** A measured value as people read it, in the unit that the metric's name tells. */
final class Quantity {
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final String[] DECIMAL = {"", "k", "M", "G", "T", "P"};

    private Quantity() {}

    /** @param rate whether the value is growth per second */
    static String of(String metric, double value, boolean rate) {
        String base = metric.endsWith("_total") ? metric.substring(0, metric.length() - "_total".length()) : metric;
        String each = rate ? "/s" : "";
        if (base.endsWith("_bytes")) {
            return scaled(value, 1024, BINARY, " ") + each;
        }
        if (base.endsWith("_seconds") && !rate) {
            return Math.abs(value) >= 1e8 ? scaled(value, 1000, DECIMAL, "") + "s" : seconds(value);
        }
        if (base.endsWith("_ratio") && !rate) {
            return digits(value * 100) + " %";
        }
        return scaled(value, 1000, DECIMAL, "") + each;
    }

    private static String scaled(double value, int step, String[] units, String space) {
        double scaled = value;
        int unit = 0;
        while (Math.abs(scaled) >= step && unit < units.length - 1) {
            scaled /= step;
            unit++;
        }
        return digits(scaled) + (units[unit].isEmpty() ? "" : space + units[unit]);
    }

    private static String seconds(double value) {
        double size = Math.abs(value);
        if (size > 0 && size < 0.001) {
            return digits(value * 1e6) + " us";
        }
        if (size > 0 && size < 1) {
            return digits(value * 1e3) + " ms";
        }
        return digits(value) + " s";
    }

    /** Three digits that count, no zeros behind them. */
    private static String digits(double value) {
        double size = Math.abs(value);
        int places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 || size == 0 ? 2 : 4;
        String text = String.format(Locale.ROOT, "%." + places + "f", value);
        if (text.indexOf('.') < 0) {
            return text;
        }
        String shorter = text.replaceAll("0+$", "").replaceAll("\\.$", "");
        return shorter.equals("-0") ? "0" : shorter;
    }
}
