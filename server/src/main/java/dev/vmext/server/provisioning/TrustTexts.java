package dev.vmext.server.provisioning;

import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.Suggestion;
import dev.vmext.server.publishing.Publishers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The trust file a machine starts with: the owner's own, or one that names this control plane's publisher. Stateless. */
final class TrustTexts {
    private final Publishers publishers;

    TrustTexts(Publishers publishers) {
        this.publishers = publishers;
    }

    /** Refuses a trust file or mode that cannot be used. */
    void check(@Nullable String trust, @Nullable String mode) {
        if (trust != null && mode != null) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot enrol the machine: trust and mode are both given, and the trust file has a mode itself",
                    "Give one of them.");
        }
        if (trust != null) {
            TrustPolicy.parse(trust.getBytes(StandardCharsets.UTF_8));
        }
        mode(mode);
    }

    /** The text for the machine's {@code /etc/vmext/trust.json}. */
    String text(Optional<String> owners, @Nullable String mode) {
        return owners.orElseGet(() -> publishers.ownOnly(mode(mode)).toJson());
    }

    private static TrustMode mode(@Nullable String mode) {
        if (mode == null) {
            return TrustMode.FULL;
        }
        List<String> known =
                Arrays.stream(TrustMode.values()).map(TrustMode::text).toList();
        return Arrays.stream(TrustMode.values())
                .filter(one -> one.text().equals(mode))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot enrol the machine: there is no trust mode of that name",
                        Suggestion.sentence(mode, known)));
    }
}
