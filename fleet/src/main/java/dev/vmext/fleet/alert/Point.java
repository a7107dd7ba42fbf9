package dev.vmext.fleet.alert;

/**
 * One sample.
 *
 * @param timeMillis since 1970, UTC
 * @param value NaN says that the series ended here
 */
public record Point(long timeMillis, double value) {
    boolean ended() {
        return Double.isNaN(value);
    }
}
