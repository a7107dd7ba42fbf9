package dev.vmext.packageformat.trust;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.ExtensionName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;

/** A name space and the keys that may sign packages in it. */
public record TrustedPublisher(String namespace, List<PublisherKey> keys) {
    /** The same pattern stands in docs/reference/trust.schema.json. */
    static final String NAMESPACE_PATTERN = "[A-Za-z0-9][A-Za-z0-9-]*(\\.[A-Za-z0-9][A-Za-z0-9-]*)*";

    private static final Pattern FORM = Pattern.compile(NAMESPACE_PATTERN);

    public TrustedPublisher {
        keys = List.copyOf(keys);
        if (namespace.length() > ExtensionName.MAX_LENGTH
                || !FORM.matcher(namespace).matches()) {
            throw malformed(
                    "\"" + namespace + "\" is no name space", "write the first part of the extension names, like acme");
        }
        if (keys.isEmpty()) {
            throw malformed(
                    "the name space " + namespace + " has no keys", "list at least one key, or remove the entry");
        }
        if (new LinkedHashSet<>(keys).size() != keys.size()) {
            throw malformed("the name space " + namespace + " lists a key twice", "");
        }
    }

    private static PackageException malformed(String why, String hint) {
        return new PackageException(PackageProblem.MALFORMED_TRUST, "cannot trust publisher: " + why, hint);
    }
}
