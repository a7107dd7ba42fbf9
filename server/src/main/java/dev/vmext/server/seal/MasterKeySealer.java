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
    /** Of the cipher: that much more clear text is that much more sealed text, and 16 is 1 modulo 3. */
    private static final int BLOCK = 16;

    /** Two do, but where a length inside the envelope itself grows by a byte. */
    private static final int MAX_PADDINGS = 8;

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
    public String open(String machineId, String installation, String sealedText) {
        byte[] clear = master.open(Base64.getDecoder().decode(sealedText), MasterKey.boundTo(machineId, installation));
        try {
            return new String(clear, StandardCharsets.UTF_8);
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    @Override
    public SealedSettings move(String fromMachineId, String toMachineId, String installation, SealedSettings sealed) {
        return seal(toMachineId, installation, open(fromMachineId, installation, sealed.text()));
    }

    @Override
    public ProtectedSettings reseal(
            String machineId, String installation, SealedSettings sealed, String certificatePem) {
        SettingsEnvelope envelope = SettingsEnvelope.forCertificate(certificatePem);
        byte[] clear =
                master.open(Base64.getDecoder().decode(sealed.text()), MasterKey.boundTo(machineId, installation));
        try {
            return new ProtectedSettings(envelope.thumbprint(), textEndingInTwoPads(envelope, clear));
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    /**
     * Base64 that ends in {@code ==}. Public Python handlers keep sealed settings out of their log, and take them out of their settings file
     * once they were used, by a pattern that only matches then (azure-contract 1.7). White space after the JSON text moves the length.
     */
    private String textEndingInTwoPads(SettingsEnvelope envelope, byte[] clear) {
        byte[] padded = clear.clone();
        for (int tries = 0; ; tries++) {
            byte[] der = envelope.encrypt(padded, random);
            int length = padded.length;
            Arrays.fill(padded, (byte) 0);
            if (der.length % 3 == 1 || tries == MAX_PADDINGS) {
                return Base64.getEncoder().encodeToString(der);
            }
            padded = Arrays.copyOf(clear, length + BLOCK);
            Arrays.fill(padded, clear.length, padded.length, (byte) ' ');
        }
    }

    @Override
    public String thumbprint(String certificatePem) {
        return SettingsEnvelope.forCertificate(certificatePem).thumbprint();
    }
}
