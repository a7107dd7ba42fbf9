package dev.vmext.backup;

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
import java.nio.file.Files;
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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Backup");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.MANY);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.scriptKeys()).containsExactly("hooks");
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.BACKUP);
        assertThat(PACKAGE.observation().findings().stream().map(f -> f.type()))
                .containsExactly("backup-failed", "backup-incomplete", "backup-overdue");
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "debian", "12", "amd64", "qemu")))
                .isEmpty();
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "fedora", "41", "amd64", "qemu")))
                .isPresent();
    }

    @Test
    void carriesTheProgramsThatItsUnitsRunAsTheyAreWritten() throws Exception {
        try (var zip = java.nio.file.FileSystems.newFileSystem(ZIP);
                var files = Files.list(Path.of("src/main/package/programs"))) {
            for (Path file : files.toList()) {
                assertThat(zip.getPath("programs/" + file.getFileName())).hasSameBinaryContentAs(file);
            }
            for (String name : new String[] {"vmext-finding", "vmext-status", "machine.sh", "repository.sh"}) {
                assertThat(zip.getPath("programs/" + name)).isRegularFile();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sources\":[\"/\"]}",
                "{\"sources\":[\"/srv\"],\"exclude\":[\"*.iso\"],\"oneFileSystem\":true,\"largestMiB\":10,\"repository\":{\"url\":\"s3:https://h/b\"},\"schedule\":{\"calendar\":\"*-*-* 02:30:00 Europe/Berlin\",\"jitterMinutes\":1,\"window\":{\"from\":\"22:00\",\"to\":\"06:00\"}}}",
                "{\"dumps\":[{\"type\":\"postgresql\",\"databases\":[\"a\"]},{\"type\":\"mysql\",\"name\":\"m\",\"socket\":\"/run/m.sock\",\"defaultsFile\":\"/etc/my.cnf\"}],\"schedule\":{\"when\":\"every\",\"everyMinutes\":60}}",
                "{\"sources\":[\"/srv\"],\"limits\":{\"uploadKiBps\":1,\"memoryMiB\":128,\"nice\":19,\"io\":\"idle\"},\"hooks\":{\"pre\":\"sync\",\"post\":\":\",\"timeoutSec\":1},\"snapshot\":{\"mode\":\"auto\",\"sizePercent\":1},\"compression\":\"max\",\"maxAgeHours\":0,\"lockWaitMinutes\":0,\"now\":\"a:1\"}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> BackupSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"sources\":[\"srv\"]}",
                "{\"sources\":[\"/\"],\"schedule\":{\"when\":\"x\"}}",
                "{\"sources\":[\"/\"],\"schedule\":{\"calendar\":\"a;b\"}}",
                "{\"sources\":[\"/\"],\"schedule\":{\"window\":{\"from\":\"22:00\"}}}",
                "{\"sources\":[\"/\"],\"repository\":{\"url\":\"ftp://x/y\"}}",
                "{\"sources\":[\"/\"],\"repository\":{\"url\":\"s3:https://h/b\",\"hostKeys\":[\"x\"]}}",
                "{\"sources\":[\"/\"],\"limits\":{\"memoryMiB\":5}}",
                "{\"sources\":[\"/\"],\"hooks\":{\"pre\":\"\"}}",
                "{\"dumps\":[{\"type\":\"x\"}]}",
                "{\"dumps\":[{\"type\":\"mysql\",\"databases\":[\"a b\"]}]}",
                "{\"sources\":[\"/\"],\"snapshot\":{\"sizePercent\":0}}",
                "{\"sources\":[\"/\"],\"now\":\"a b\"}",
                "{\"sources\":[\"/\"],\"sorces\":[]}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> BackupSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
