package dev.vmext.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Lengths of time on the command line. */
final class AgeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
        try {
            return Ages.parse(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
