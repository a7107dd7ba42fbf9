package dev.vmext.packageformat.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.SchemaFile;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class SignatureSchemaTest {
    @Test
    void schemaAndReaderKnowTheSameFields() throws IOException {
        SchemaFile schema = new SchemaFile("package-signature.schema.json");
        assertThat(schema.fields()).isEqualTo(SchemaFile.fields(PackageSignature.SHAPES));
        assertThat(schema.fieldsOfDefinition("statement"))
                .containsExactlyInAnyOrderElementsOf(PackageStatement.SHAPE.fields());
    }

    @Test
    void theExampleWasMadeByTheKeyOfTheTrustExamples() throws IOException {
        var signature = PackageSignature.parse(
                Files.readAllBytes(SchemaFile.examples("package-signature").getFirst()));
        for (var trust : SchemaFile.examples("trust.")) {
            var verified = new PackageVerifier(ArchiveLimits.standard())
                    .verifySignatureOnly(signature, TrustPolicy.parse(Files.readAllBytes(trust)));
            assertThat(verified.statement().identity()).isEqualTo(PackageIdentity.of("acme.HostFirewall", "2.1.0.4"));
        }
    }
}
