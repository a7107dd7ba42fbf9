package dev.vmext.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.Category;
import dev.vmext.packageformat.manifest.Instances;
import dev.vmext.packageformat.manifest.Kind;
import dev.vmext.packageformat.manifest.MachineFacts;
import dev.vmext.packageformat.manifest.PackageDescription;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at the finished package as a server and an agent do. */
final class PackageIT {
    private static final Path ZIP = Path.of(System.getProperty("extension.package") + ".zip");
    private static final PackageDescription PACKAGE = new PackageReader(ArchiveLimits.standard()).describe(ZIP);

    @Test
    void describesItself() {
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Certificates");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.scriptKeys()).containsExactly("hooks");
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.MANAGEMENT);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
        assertThat(PACKAGE.observation().findings().stream().map(f -> f.type()))
                .containsExactly("certificate-expiring", "certificate-failed", "certificate-reload-failed");
    }

    @Test
    void carriesTheProgramsThatItsUnitsRunAsTheyAreWritten() throws Exception {
        Path sources = Path.of("src/main/package/programs");
        try (var zip = java.nio.file.FileSystems.newFileSystem(ZIP);
                var files = java.nio.file.Files.list(sources)) {
            for (Path file : files.toList()) {
                assertThat(zip.getPath("programs/" + file.getFileName())).hasSameBinaryContentAs(file);
            }
            assertThat(zip.getPath("programs/vmext-finding")).isRegularFile();
            assertThat(zip.getPath("programs/vmext-status")).isRegularFile();
        }
    }

    @Test
    void fitsDebian12OnAmd64AndNotEveryMachine() {
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "debian", "12", "amd64", "qemu")))
                .isEmpty();
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "debian", "12", "arm64", "qemu")))
                .isPresent();
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "fedora", "41", "amd64", "qemu")))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"certificates\":[{\"name\":\"web\",\"names\":[\"www.example.org\",\"*.example.org\",\"10.0.0.5\",\"2001:db8::1\"],\"keyType\":\"rsa-4096\",\"lifeDays\":397,\"renewBeforeDays\":100,\"owner\":\"root\",\"group\":\"ssl-cert\",\"mode\":\"0640\",\"reloadUnits\":[\"nginx.service\"]}],\"hooks\":{\"web\":\"true\"}}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a.b\"],\"issuer\":\"acme\"}],\"acme\":{\"server\":\"https://127.0.0.1:14000/dir\",\"email\":\"a@b.c\",\"termsAgreed\":true,\"challenge\":\"tls\",\"port\":8443},\"calendar\":\"hourly\",\"jitterMinutes\":0}",
                "{\"acme\":{\"email\":\"a@b.c\",\"termsAgreed\":true,\"challenge\":\"dns\",\"provider\":\"rfc2136\"}}",
                "{\"acme\":{\"email\":\"a@b.c\",\"termsAgreed\":true,\"webroot\":\"/var/www/html\"}}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> CertificateSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"certificate\":[]}",
                "{\"certificates\":[{\"name\":\"A\",\"names\":[\"a\"]}]}",
                "{\"certificates\":[{\"name\":\"a\"}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[]}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"A\"]}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a\"],\"issuer\":\"x\"}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a\"],\"keyType\":\"dsa\"}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a\"],\"lifeDays\":398}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a\"],\"mode\":\"0644\"}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a\"],\"owner\":\"A b\"}]}",
                "{\"certificates\":[{\"name\":\"a\",\"names\":[\"a\"],\"reloadUnits\":[\"x\"]}]}",
                "{\"acme\":{\"email\":\"a@b.c\"}}",
                "{\"acme\":{\"email\":\"a@b.c\",\"termsAgreed\":false}}",
                "{\"acme\":{\"email\":\"-x\",\"termsAgreed\":true}}",
                "{\"acme\":{\"email\":\"a@b.c\",\"termsAgreed\":true,\"server\":\"http://a/\"}}",
                "{\"acme\":{\"email\":\"a@b.c\",\"termsAgreed\":true,\"challenge\":\"dns\",\"provider\":\"exec\"}}",
                "{\"acme\":{\"email\":\"a@b.c\",\"termsAgreed\":true,\"webroot\":\"x\"}}",
                "{\"calendar\":\"a;b\"}",
                "{\"hooks\":{\"web\":\"\"}}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> CertificateSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
