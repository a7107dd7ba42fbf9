package dev.vmext.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as a row of blocks, lowest to highest; a gap where there is none. */
final class Sparkline {
    private static final String BLOCKS = "▁▂▃▄▅▆▇█";
    private static final char GAP = ' ';

    private Sparkline() {}

    /** The whole range from the smallest to the largest value is used; values that are all the same lie low. */
    static String of(List<@Nullable Double> values, int width) {
        List<@Nullable Double> shown =
                values.size() <= width ? values : values.subList(values.size() - width, values.size());
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Double value : shown) {
            if (value != null) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        StringBuilder line = new StringBuilder(shown.size());
        for (Double value : shown) {
            line.append(value == null ? GAP : block(value, low, high));
        }
        return line.toString();
    }

    private static char block(double value, double low, double high) {
        double range = high - low;
        // What moves by less than a hundredth of its size would look like an earthquake.
        double scale = Math.max(range, Math.max(Math.abs(low), Math.abs(high)) / 100);
        int level = scale == 0 ? 0 : (int) Math.floor((value - low) / scale * BLOCKS.length());
        return BLOCKS.charAt(Math.clamp(level, 0, BLOCKS.length() - 1));
    }
}
