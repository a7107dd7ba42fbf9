package dev.vmext.packageformat.manifest;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which versions are wanted: the first numbers of a version, so {@code 1} allows 1.9.3 and {@code 1.0} allows 1.0.7 but not
 * 1.1; empty or {@code *} allows all. A fully written version allows that one (and its fourth numbers).
 */
public record VersionConstraint(String text) {
    public static final VersionConstraint ANY = new VersionConstraint("*");

    public VersionConstraint {
        text = text.isEmpty() ? "*" : text;
        if (!text.equals("*")) {
            new ExtensionVersion(text).parts();
        }
    }

    public static VersionConstraint of(String text) {
        return new VersionConstraint(text);
    }

    /** Allows this version; with fewer than four numbers also those that only add a number. */
    public static VersionConstraint of(ExtensionVersion version) {
        return new VersionConstraint(version.text());
    }

    public boolean isAny() {
        return text.equals("*");
    }

    public boolean matches(ExtensionVersion version) {
        if (isAny()) {
            return true;
        }
        List<Integer> wanted = new ExtensionVersion(text).parts();
        return version.padded().subList(0, wanted.size()).equals(wanted);
    }

    /** The highest version that matches. */
    public Optional<ExtensionVersion> highest(Collection<ExtensionVersion> versions) {
        return versions.stream().filter(this::matches).max(Comparator.naturalOrder());
    }

    @Override
    public String toString() {
        return text;
    }
}
