package dev.vmext.systemtests.trust;

import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.systemtests.product.Product;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Protected settings sealed by openssl, as anybody who knows a machine's certificate can. */
public final class Sealing {
    private Sealing() {}

    public static ProtectedSettings seal(Path folder, String certificatePem, String json) throws Exception {
        Files.createDirectories(folder);
        Path pem = Files.writeString(folder.resolve("machine.pem"), certificatePem);
        Path clear = Files.writeString(folder.resolve("clear.json"), json);
        Path der = folder.resolve("sealed.der");
        Product.Said said = Product.run(
                folder,
                "",
                30,
                Map.of(),
                List.of(
                        "openssl",
                        "cms",
                        "-encrypt",
                        "-binary",
                        "-aes256",
                        "-outform",
                        "DER",
                        "-in",
                        clear.toString(),
                        "-out",
                        der.toString(),
                        pem.toString()));
        Files.delete(clear);
        if (said.exit() != 0) {
            throw new AssertionError(said.all());
        }
        byte[] certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificatePem.getBytes(StandardCharsets.US_ASCII)))
                .getEncoded();
        String thumbprint = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-1").digest(certificate))
                .toUpperCase(Locale.ROOT);
        return new ProtectedSettings(thumbprint, Base64.getEncoder().encodeToString(Files.readAllBytes(der)));
    }
}
