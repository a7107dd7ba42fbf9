package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.util.regex.Pattern;

/**
 * An extension's name, {@code Publisher.Type}. Both parts may contain dots, so the name is never split; it is safe as part of
 * a file name. Case counts.
 */
public record ExtensionName(String text) implements Comparable<ExtensionName> {
    /** Leaves room for "-" and a version in one file name of 255 bytes. */
    public static final int MAX_LENGTH = 200;

    /** The same pattern stands in the JSON Schemas. */
    public static final String PATTERN = "[A-Za-z0-9][A-Za-z0-9-]*(\\.[A-Za-z0-9][A-Za-z0-9-]*)+";

    private static final Pattern FORM = Pattern.compile(PATTERN);

    public ExtensionName {
        if (text.length() > MAX_LENGTH || !FORM.matcher(text).matches()) {
            throw new PackageException(
                    PackageProblem.INVALID_NAME,
                    "cannot use \"" + shortened(text) + "\" as an extension name: it is not publisher.type",
                    "use letters, digits and hyphens in at least two parts joined by dots, like acme.Firewall, at most "
                            + MAX_LENGTH + " characters");
        }
    }

    public static ExtensionName of(String text) {
        return new ExtensionName(text);
    }

    /** Whether a publisher's name space covers this name: {@code vmext} covers {@code vmext.Firewall}. */
    public boolean isIn(String namespace) {
        return text.startsWith(namespace + ".");
    }

    static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    @Override
    public int compareTo(ExtensionName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
