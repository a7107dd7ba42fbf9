package dev.vmext.server.publishing;

import dev.vmext.packageformat.signing.SigningKey;
import dev.vmext.packageformat.signing.SigningKeyFile;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * Who may publish here. {@code publishers.json} has the form of a trust file; an operator adds a publisher by adding an entry to it. It is
 * read at every publication, so no restart is needed. The control plane's own publisher key is made at the first start and never again.
 */
public final class Publishers {
    /** The name space of the extensions that come with vmext. */
    public static final String NAMESPACE = "vmext";
    /** The file of the private key in the folder of keys. */
    public static final String KEY_FILE = "publisher.key";

    private final Path file;
    private final SigningKey own;

    private Publishers(Path file, SigningKey own) {
        this.file = file;
        this.own = own;
    }

    /** Opens both files, and makes those that are missing. */
    public static Publishers open(Path file, Path keyFolder, SecureRandom random) {
        Path keyFile = keyFolder.resolve(KEY_FILE);
        if (!Files.exists(keyFile)) {
            SigningKeyFile.write(keyFile, SigningKey.generate(random));
        }
        SigningKey own = SigningKeyFile.read(keyFile);
        if (!Files.exists(file)) {
            TrustFile.write(file, TrustPolicy.of(TrustMode.FULL, NAMESPACE, own.publicKey()));
        }
        TrustFile.read(file);
        return new Publishers(file, own);
    }

    /** Whose packages are accepted now. */
    TrustPolicy accepted() {
        return TrustFile.read(file);
    }

    /** The trust file of a machine whose owner did not give one: the control plane's own publisher and nobody else. */
    public TrustPolicy ownOnly(TrustMode mode) {
        return TrustPolicy.of(mode, NAMESPACE, own.publicKey());
    }
}
