package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One to four numbers joined by dots. Versions compare number by number and a missing part counts as 0, so 1.0 and 1.0.0 are
 * equal; the text stays as it was written.
 */
public record ExtensionVersion(String text) implements Comparable<ExtensionVersion> {
    public static final int MAX_PARTS = 4;

    /** The same pattern stands in the JSON Schemas. */
    public static final String PATTERN = "[0-9]{1,9}(\\.[0-9]{1,9}){0,3}";

    private static final Pattern FORM = Pattern.compile(PATTERN);

    public ExtensionVersion {
        if (!FORM.matcher(text).matches()) {
            throw new PackageException(
                    PackageProblem.INVALID_VERSION,
                    "cannot use \"" + ExtensionName.shortened(text) + "\" as a version: it is not one to four numbers",
                    "write it like 1.0.7");
        }
    }

    public static ExtensionVersion of(String text) {
        return new ExtensionVersion(text);
    }

    /** The numbers as written: one to four of them. */
    public List<Integer> parts() {
        return Stream.of(text.split("\\.", -1)).map(Integer::valueOf).toList();
    }

    /** All four numbers, missing ones as 0. */
    List<Integer> padded() {
        List<Integer> parts = parts();
        return IntStream.range(0, MAX_PARTS)
                .mapToObj(i -> i < parts.size() ? parts.get(i) : Integer.valueOf(0))
                .toList();
    }

    /**
     * Whether this is the release of what a manifest calls {@code manifestVersion}: the same version, or, where the manifest
     * leaves the fourth number open, that version with a fourth number. So a build can be published again without editing it.
     */
    public boolean isReleaseOf(ExtensionVersion manifestVersion) {
        if (equals(manifestVersion)) {
            return true;
        }
        return manifestVersion.parts().size() < MAX_PARTS
                && parts().size() == MAX_PARTS
                && padded().subList(0, MAX_PARTS - 1)
                        .equals(manifestVersion.padded().subList(0, MAX_PARTS - 1));
    }

    @Override
    public int compareTo(ExtensionVersion other) {
        List<Integer> mine = padded();
        List<Integer> theirs = other.padded();
        for (int i = 0; i < MAX_PARTS; i++) {
            int order = mine.get(i).compareTo(theirs.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExtensionVersion version && padded().equals(version.padded());
    }

    @Override
    public int hashCode() {
        return padded().hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
