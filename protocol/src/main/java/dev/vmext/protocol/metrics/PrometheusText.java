package dev.vmext.protocol.metrics;

import java.math.BigDecimal;

/** Names, label values and numbers as Prometheus's text format has them. Nothing is kept: any thread may call it. */
public final class PrometheusText {
    private PrometheusText() {}

    public static boolean isMetricName(String name) {
        return isName(name, true);
    }

    public static boolean isLabelName(String name) {
        return isName(name, false);
    }

    private static boolean isName(String name, boolean colon) {
        for (int i = 0; i < name.length(); i++) {
            if (!isNamePart(name.charAt(i), i == 0, colon)) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isNamePart(char c, boolean first, boolean colon) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (!first && c >= '0' && c <= '9')
                || (colon && c == ':');
    }

    /** Makes a name out of any text: what is not allowed becomes an underscore, and a digit in front gets one before it. */
    public static String toName(String text, boolean colon) {
        StringBuilder name = new StringBuilder(text.length() + 1);
        if (text.isEmpty() || (text.charAt(0) >= '0' && text.charAt(0) <= '9')) {
            name.append('_');
        }
        text.codePoints().forEach(c -> name.append(c < 128 && isNamePart((char) c, false, colon) ? (char) c : '_'));
        return name.toString();
    }

    /** A label value for between double quotes. */
    public static String escape(String value) {
        StringBuilder text = null;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' || c == '"' || c == '\n') {
                if (text == null) {
                    text = new StringBuilder(value.length() + 8).append(value, 0, i);
                }
                text.append('\\').append(c == '\n' ? 'n' : c);
            } else if (text != null) {
                text.append(c);
            }
        }
        return text == null ? value : text.toString();
    }

    /** A number as Prometheus prints a value: {@code 1}, {@code 0.25}, {@code 1e+06}, {@code +Inf}, {@code NaN}. */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        if (exponent >= -4 && exponent < 21) {
            return exact.toPlainString();
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        return (value < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + power;
    }

    /**
     * A number as the value of {@code le} or {@code quantile}: always with a point or an exponent, so that {@code 1} and
     * {@code 1.0} of two versions of one program are the same series.
     */
    public static String bound(double value) {
        String text = number(value);
        boolean whole = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
        return whole ? text + ".0" : text;
    }
}
