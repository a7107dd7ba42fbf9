package dev.vmext.restore;

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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Restore");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.ONE_SHOT);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.MANY);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.scriptKeys()).isEmpty();
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.BACKUP);
        assertThat(PACKAGE.observation().findings().stream().map(f -> f.type())).containsExactly("restore-failed");
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
                "{\"from\":{\"machine\":\"m\",\"installation\":\"b\"}}",
                "{\"from\":{\"machine\":\"0b9e-1\",\"installation\":\"b\"},\"snapshot\":\"29476c48\",\"include\":[\"/etc\"],\"exclude\":[\"*.bak\"],\"target\":\"/x\",\"dryRun\":true,\"overwrite\":\"never\",\"verify\":false,\"sparse\":false,\"lockWaitMinutes\":0,\"downloadKiBps\":1}",
                "{\"repository\":{\"url\":\"/srv/r\"},\"host\":\"web-1\",\"snapshot\":\"2026-11-30T12:00:00Z\"}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> RestoreSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"from\":{}}",
                "{\"from\":{\"machine\":\"m\",\"installation\":\"a b\"}}",
                "{\"from\":{\"machine\":\"m\",\"installation\":\"b\"},\"snapshot\":\"x\"}",
                "{\"from\":{\"machine\":\"m\",\"installation\":\"b\"},\"target\":\"x\"}",
                "{\"from\":{\"machine\":\"m\",\"installation\":\"b\"},\"overwrite\":\"x\"}",
                "{\"from\":{\"machine\":\"m\",\"installation\":\"b\"},\"include\":[\"\"]}",
                "{\"from\":{\"machine\":\"m\",\"installation\":\"b\"},\"downloadKiBps\":-1}",
                "{\"repository\":{\"url\":\"x\"}}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> RestoreSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
