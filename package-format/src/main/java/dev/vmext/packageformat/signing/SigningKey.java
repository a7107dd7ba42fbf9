package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.trust.PublisherKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** A publisher's private Ed25519 key with its public half. Its text form shows the public half only. Immutable. */
public final class SigningKey {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private final PrivateKey privateKey;
    private final PublisherKey publicKey;

    private SigningKey(PrivateKey privateKey, PublisherKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    public static SigningKey generate(SecureRandom random) {
        try {
            KeyPair pair = generator(random).generateKeyPair();
            return new SigningKey(pair.getPrivate(), PublisherKey.of(pair.getPublic()));
        } catch (GeneralSecurityException everyJavaHasEd25519) {
            throw new IllegalStateException(everyJavaHasEd25519);
        }
    }

    private static KeyPairGenerator generator(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, random);
        return generator;
    }

    /** Reads the PEM text that {@link #toPem} or {@code openssl genpkey -algorithm ed25519} writes. */
    public static SigningKey ofPem(String pem) {
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw malformed("it has no line " + BEGIN);
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
            PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der));
            SigningKey pair = new SigningKey(key, publicHalf(key));
            // The public half was computed; a key that does not verify its own signature must never sign a release.
            byte[] probe = "vmext".getBytes(StandardCharsets.UTF_8);
            if (!pair.publicKey.verifies(probe, pair.sign(probe))) {
                throw malformed("its public half cannot be computed");
            }
            return pair;
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            throw malformed("it is no Ed25519 key in PKCS#8 form");
        }
    }

    /** JCA has no call for it, but a generator makes a key pair from 32 random bytes, and those are the private key. */
    private static PublisherKey publicHalf(PrivateKey key) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) key).getBytes().orElseThrow(() -> malformed("its bytes are not readable"));
        SecureRandom fixed = new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(seed, 0, bytes, 0, bytes.length);
            }
        };
        return PublisherKey.of(generator(fixed).generateKeyPair().getPublic());
    }

    private static PackageException malformed(String why) {
        return new PackageException(
                PackageProblem.MALFORMED_KEY,
                "cannot read signing key: " + why,
                "make one with \"vmext extension keygen\"");
    }

    public PublisherKey publicKey() {
        return publicKey;
    }

    byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(privateKey);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException everyJavaHasEd25519) {
            throw new IllegalStateException(everyJavaHasEd25519);
        }
    }

    /** The private key in PKCS#8 PEM form. Whoever calls this owns a secret. */
    String toPem() {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(privateKey.getEncoded());
        return BEGIN + "\n" + body + "\n" + END + "\n";
    }

    @Override
    public String toString() {
        return "private key of " + publicKey;
    }
}
