package dev.vmext.updates;

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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Updates");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.scriptKeys()).containsExactly("hooks");
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.MANAGEMENT);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
        assertThat(PACKAGE.observation().findings().stream().map(f -> f.type()))
                .containsExactly("updates-missing", "reboot-needed", "update-failed");
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
                "{\"classifications\":[],\"windows\":[]}",
                "{\"classifications\":[\"security\",\"other\"],\"include\":[\"nginx*\"],\"exclude\":[\"linux-image-*\"],\"windows\":[{\"name\":\"a\",\"days\":[\"Mon\"],\"start\":\"23:59\",\"minutes\":1380}],\"timeZone\":\"Europe/Berlin\",\"jitterMinutes\":720}",
                "{\"installNow\":{\"id\":\"2026-11-30.1\"},\"reboot\":\"if-needed\",\"assessment\":{\"calendar\":\"hourly\",\"jitterMinutes\":0},\"graceDays\":{\"security\":1,\"other\":0},\"securityOrigins\":[\"*-security\",\"Own:*\"],\"restartPackages\":[],\"hooks\":{\"before\":\"true\",\"after\":\"true\",\"timeoutSeconds\":1},\"batchSize\":1,\"marginMinutes\":0}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> UpdateSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"window\":[]}",
                "{\"classifications\":[\"x\"]}",
                "{\"exclude\":[\"A\"]}",
                "{\"windows\":[{\"name\":\"a\"}]}",
                "{\"windows\":[{\"name\":\"now\",\"start\":\"03:00\"}]}",
                "{\"windows\":[{\"name\":\"a\",\"start\":\"3:00\"}]}",
                "{\"windows\":[{\"name\":\"a\",\"start\":\"03:00\",\"minutes\":1}]}",
                "{\"windows\":[{\"name\":\"a\",\"start\":\"03:00\",\"days\":[\"mon\"]}]}",
                "{\"timeZone\":\"a b\"}",
                "{\"reboot\":\"always\"}",
                "{\"installNow\":{}}",
                "{\"assessment\":{\"calendar\":\"a;b\"}}",
                "{\"graceDays\":{\"other\":-1}}",
                "{\"securityOrigins\":[\"a b\"]}",
                "{\"hooks\":{\"before\":\"\"}}",
                "{\"hooks\":{\"x\":\"y\"}}",
                "{\"batchSize\":0}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> UpdateSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
