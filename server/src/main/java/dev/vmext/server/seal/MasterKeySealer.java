package dev.vmext.server.seal;

import dev.vmext.fleet.SealedSettings;
import dev.vmext.fleet.Sealer;
import dev.vmext.protocol.goal.ProtectedSettings;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/** The fleet's sealer under the server's master key. Made by the wiring; any thread may use it. */
public final class MasterKeySealer implements Sealer {
    private final MasterKey master;
    private final SecureRandom random;

    public MasterKeySealer(MasterKey master, SecureRandom random) {
        this.master = master;
        this.random = random;
    }

    @Override
    public SealedSettings seal(String machineId, String installation, String protectedSettings) {
        byte[] clear = protectedSettings.getBytes(StandardCharsets.UTF_8);
        byte[] boundTo = MasterKey.boundTo(machineId, installation);
        try {
            return new SealedSettings(
                    Base64.getEncoder().encodeToString(master.seal(clear, boundTo)),
                    master.fingerprint(clear, boundTo));
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    @Override
    public ProtectedSettings reseal(
            String machineId, String installation, SealedSettings sealed, String certificatePem) {
        SettingsEnvelope envelope = SettingsEnvelope.forCertificate(certificatePem);
        byte[] clear =
                master.open(Base64.getDecoder().decode(sealed.text()), MasterKey.boundTo(machineId, installation));
        try {
            return new ProtectedSettings(
                    envelope.thumbprint(), Base64.getEncoder().encodeToString(envelope.encrypt(clear, random)));
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    @Override
    public String thumbprint(String certificatePem) {
        return SettingsEnvelope.forCertificate(certificatePem).thumbprint();
    }
}
