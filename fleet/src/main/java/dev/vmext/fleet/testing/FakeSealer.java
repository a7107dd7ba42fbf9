package dev.vmext.fleet.testing;

import dev.vmext.fleet.SealedSettings;
import dev.vmext.fleet.Sealer;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Seals so that a test can look inside, and never the same way twice, as real encryption does. Thread-safe. */
public final class FakeSealer implements Sealer {
    private final AtomicLong made = new AtomicLong();

    @Override
    public SealedSettings seal(String machineId, String installation, String protectedSettings) {
        return new SealedSettings(
                machineId + " " + installation + " " + made.incrementAndGet() + " " + encoded(protectedSettings),
                Digest.of(("key " + machineId + " " + installation + " " + protectedSettings)
                                .getBytes(StandardCharsets.UTF_8))
                        .hex());
    }

    @Override
    public String open(String machineId, String installation, String sealedText) {
        if (!sealedText.startsWith(machineId + " " + installation + " ")) {
            throw new IllegalStateException("a sealed text was moved to another row: " + installation);
        }
        return decoded(sealedText.substring(sealedText.lastIndexOf(' ') + 1));
    }

    @Override
    public SealedSettings move(String fromMachineId, String toMachineId, String installation, SealedSettings sealed) {
        if (!sealed.text().startsWith(fromMachineId + " " + installation + " ")) {
            throw new IllegalStateException("sealed settings of another row: " + installation);
        }
        String content = sealed.text().substring(sealed.text().lastIndexOf(' ') + 1);
        return seal(toMachineId, installation, decoded(content));
    }

    @Override
    public ProtectedSettings reseal(
            String machineId, String installation, SealedSettings sealed, String certificatePem) {
        if (!sealed.text().startsWith(machineId + " " + installation + " ")) {
            throw new IllegalStateException("sealed settings were moved to another row: " + installation);
        }
        String content = sealed.text().substring(sealed.text().lastIndexOf(' ') + 1);
        return new ProtectedSettings(
                thumbprint(certificatePem), encoded("cms " + made.incrementAndGet() + " " + content));
    }

    @Override
    public String thumbprint(String certificatePem) {
        if (certificatePem.isBlank()) {
            throw new ProblemException(
                    ProblemCode.CERTIFICATE_REQUEST_INVALID,
                    "cannot use the settings certificate: it is empty",
                    "restart the agent");
        }
        return Digest.of(certificatePem.getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 40)
                .toUpperCase(Locale.ROOT);
    }

    /** The plain text inside what {@link #reseal} made. */
    public static String open(ProtectedSettings settings) {
        String content = decoded(settings.cms());
        return decoded(content.substring(content.lastIndexOf(' ') + 1));
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
