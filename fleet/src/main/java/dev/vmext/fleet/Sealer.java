package dev.vmext.fleet;

import dev.vmext.protocol.goal.ProtectedSettings;

/** Keeps protected settings secret: at rest under the master key, on their way to a machine under its settings key. No I/O. */
public interface Sealer {
    /**
     * Encrypts for the store, bound to the installation it belongs to: moved to another row it cannot be opened. Equal texts of one
     * installation give an equal fingerprint, whatever the ciphertext.
     */
    SealedSettings seal(String machineId, String installation, String protectedSettings);

    /** The plain text of what {@link #seal} made for this place, for the control plane itself. Fails for another place. */
    String open(String machineId, String installation, String sealedText);

    /** Opens what {@link #seal} made for this installation and encrypts it as CMS EnvelopedData for the holder of this certificate's key. */
    ProtectedSettings reseal(String machineId, String installation, SealedSettings sealed, String certificatePem);

    /** The same settings for the same installation of another machine, which is to take the first one's place. */
    SealedSettings move(String fromMachineId, String toMachineId, String installation, SealedSettings sealed);

    /**
     * SHA-1 of the certificate's DER, upper-case hex. Refuses with a problem (certificate-request-invalid) what is no usable RSA
     * settings certificate.
     */
    String thumbprint(String certificatePem);
}
