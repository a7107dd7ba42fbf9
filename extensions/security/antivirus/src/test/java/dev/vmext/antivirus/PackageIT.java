package dev.vmext.antivirus;

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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Antivirus");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.SECURITY);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
        assertThat(PACKAGE.observation().findings().stream().map(f -> f.type()))
                .containsExactly("malware-found", "signatures-outdated", "update-failed", "scan-failed");
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
            assertThat(zip.getPath("signatures/vmext-test.hdb")).isRegularFile();
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
                "{\"signatures\":{\"source\":\"mirror\",\"mirrors\":[\"https://m/clamav\"],\"databases\":[\"http://m:81/own.hdb\"],\"calendar\":\"hourly\",\"jitterMinutes\":0,\"maxAgeDays\":1,\"proxy\":{\"host\":\"p\",\"port\":1,\"username\":\"u\"}}}",
                "{\"scans\":[],\"scanNow\":{\"id\":\"2026-11-30.1\"},\"action\":\"report\",\"mode\":\"daemon\",\"onAccess\":{\"paths\":[\"/srv\"],\"prevention\":true}}",
                "{\"scans\":[{\"name\":\"a\",\"calendar\":\"Sun *-*-* 02:00:00\",\"jitterMinutes\":1440,\"paths\":[\"/a b\"]}],\"exclusions\":{\"paths\":[\"/x\"],\"patterns\":[\"*.iso\"],\"signatures\":[\"A.b-1\"]},\"limits\":{\"maxFileMiB\":1,\"archives\":false},\"quarantine\":{\"keepDays\":0,\"maxMiB\":1,\"restore\":[\"20260101-000000-0123abcd\"]},\"resources\":{\"memoryMiB\":0,\"cpuPercent\":1}}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> AntivirusSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"mode\":\"x\"}",
                "{\"scan\":{}}",
                "{\"signatures\":{\"source\":\"x\"}}",
                "{\"signatures\":{\"mirrors\":[\"ftp://a\"]}}",
                "{\"signatures\":{\"databases\":[\"http://a/b\"]}}",
                "{\"signatures\":{\"calendar\":\"a;b\"}}",
                "{\"signatures\":{\"proxy\":{}}}",
                "{\"scans\":[{\"name\":\"a\"}]}",
                "{\"scans\":[{\"name\":\"on-access\",\"calendar\":\"daily\"}]}",
                "{\"scans\":[{\"name\":\"A\",\"calendar\":\"daily\"}]}",
                "{\"scans\":[{\"name\":\"a\",\"calendar\":\"daily\",\"paths\":[]}]}",
                "{\"scans\":[{\"name\":\"a\",\"calendar\":\"daily\",\"paths\":[\"a\"]}]}",
                "{\"scanNow\":{\"paths\":[\"/\"]}}",
                "{\"exclusions\":{\"paths\":[\"/a\\nb\"]}}",
                "{\"exclusions\":{\"signatures\":[\"a b\"]}}",
                "{\"limits\":{\"maxFileMiB\":0}}",
                "{\"quarantine\":{\"delete\":[\"x\"]}}",
                "{\"onAccess\":{\"paths\":[]}}",
                "{\"resources\":{\"cpuPercent\":0}}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> AntivirusSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
