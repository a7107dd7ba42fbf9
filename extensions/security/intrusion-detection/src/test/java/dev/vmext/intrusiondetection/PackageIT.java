package dev.vmext.intrusiondetection;

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
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at the finished package as a server and an agent do. */
final class PackageIT {
    private static final Path ZIP = Path.of(System.getProperty("extension.package") + ".zip");
    private static final PackageDescription PACKAGE = new PackageReader(ArchiveLimits.standard()).describe(ZIP);

    @Test
    void describesItself() {
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.IntrusionDetection");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.SECURITY);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
    }

    @Test
    void bringsTheProgramsThatItsUnitsRun() throws Exception {
        try (ZipFile zip = new ZipFile(ZIP.toFile())) {
            for (String name :
                    Set.of("look", "baseline", "attack", "tick", "detector", "vmext-status", "vmext-finding")) {
                assertThat(zip.getEntry("programs/" + name)).as(name).isNotNull();
            }
        }
    }

    @Test
    void fitsDebian12OnAmd64AndNotEveryMachine() {
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "debian", "12", "amd64", "qemu")))
                .isEmpty();
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "debian", "11", "amd64", "qemu")))
                .isPresent();
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "fedora", "41", "amd64", "qemu")))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"integrity\":{\"paths\":[\"/etc\",\"/srv/a.b\"],\"exclude\":[\"/etc/*.bak\"],\"lookSeconds\":60,"
                        + "\"calendar\":\"Sun 02:00\",\"jitterMinutes\":0,\"accept\":{\"id\":\"a\",\"paths\":[\"/etc/my file\"]}}}",
                "{\"attacks\":{\"blocking\":\"all\",\"ignore\":[\"10.0.0.0/8\",\"fd00::/8\"],\"jails\":[{\"service\":\"sshd\",\"ports\":[22,\"2200-2300\"]},"
                        + "{\"service\":\"nginx-http-auth\",\"logs\":[\"/srv/log/*.log\"],\"maxFailures\":9}]},\"resources\":{\"memoryMiB\":128}}",
                "{\"attacks\":{\"enabled\":false}}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> IntrusionSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"integrty\":{}}",
                "{\"integrity\":{\"paths\":[]}}",
                "{\"integrity\":{\"paths\":[\"etc\"]}}",
                "{\"integrity\":{\"paths\":[\"/etc/\"]}}",
                "{\"integrity\":{\"paths\":[\"/etc\\n!/etc\"]}}",
                "{\"integrity\":{\"exclude\":[\"/etc/(x)\"]}}",
                "{\"integrity\":{\"calendar\":\"daily\\nPersistent=false\"}}",
                "{\"integrity\":{\"lookSeconds\":9}}",
                "{\"integrity\":{\"accept\":{\"paths\":[\"/etc\"]}}}",
                "{\"attacks\":{\"blocking\":\"yes\"}}",
                "{\"attacks\":{\"ignore\":[\"example.com\"]}}",
                "{\"attacks\":{\"jails\":[{\"service\":\"telnet\"}]}}",
                "{\"attacks\":{\"jails\":[{\"service\":\"sshd\",\"ports\":[0]}]}}",
                "{\"attacks\":{\"jails\":[{\"service\":\"nginx-http-auth\",\"logs\":[\"/var/log/a b\"]}]}}",
                "{\"resources\":{\"memoryMiB\":1}}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> IntrusionSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
