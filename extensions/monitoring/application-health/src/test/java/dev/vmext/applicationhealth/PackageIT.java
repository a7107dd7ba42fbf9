package dev.vmext.applicationhealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.Category;
import dev.vmext.packageformat.manifest.FindingType;
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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.ApplicationHealth");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.MANY);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.MONITORING);
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

    @Test
    void commandsAreScriptsAndTheirFindingIsDeclared() {
        assertThat(PACKAGE.extension().orElseThrow().scriptKeys()).containsExactly("commands");
        assertThat(PACKAGE.observation().findings())
                .extracting(FindingType::type)
                .containsExactly(HealthSettings.FINDING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"http://127.0.0.1:80/h\",\"method\":\"GET\",\"statuses\":[\"204\",\"300-399\"],\"headers\":{\"X-A\":\"b\"},\"body\":\"^ok$\"}}]}",
                "{\"applications\":[{\"name\":\"a\",\"tcp\":{\"host\":\"db\",\"port\":1},\"intervalSec\":1,\"timeoutSec\":1,\"graceSec\":0,\"failuresUntilUnhealthy\":100,\"passesUntilHealthy\":2}]}",
                "{\"applications\":[{\"name\":\"a\",\"process\":{\"name\":\"nginx\"}},{\"name\":\"b\",\"unit\":{\"name\":\"app@1.service\"}}],\"commands\":[]}",
                "{\"commands\":[{\"name\":\"a\",\"command\":[\"/bin/true\"]}]}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> Given.probes(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"applications\":[]}",
                "{\"probes\":[]}",
                "{\"applications\":[{\"name\":\"a\"}]}",
                "{\"applications\":[{\"tcp\":{\"port\":1}}]}",
                "{\"applications\":[{\"name\":\"a\",\"tcp\":{\"port\":1},\"unit\":{\"name\":\"a.service\"}}]}",
                "{\"applications\":[{\"name\":\"a b\",\"tcp\":{\"port\":1}}]}",
                "{\"applications\":[{\"name\":\"a\",\"tcp\":{\"port\":0}}]}",
                "{\"applications\":[{\"name\":\"a\",\"exec\":{\"command\":[\"/bin/true\"]}}]}",
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"file:///etc/shadow\"}}]}",
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"http://a:b@c/\"}}]}",
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"http://a/\",\"method\":\"PUT\"}}]}",
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"http://a/\",\"statuses\":[\"600\"]}}]}",
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"http://a/\",\"headers\":{\"host\":\"b\"}}}]}",
                "{\"applications\":[{\"name\":\"a\",\"http\":{\"url\":\"http://a/\",\"headers\":{\"X\":\"a\\nb\"}}}]}",
                "{\"applications\":[{\"name\":\"a\",\"unit\":{\"name\":\"a.service; reboot\"}}]}",
                "{\"applications\":[{\"name\":\"a\",\"process\":{\"name\":\"/a\"}}]}",
                "{\"applications\":[{\"name\":\"a\",\"tcp\":{\"port\":1},\"intervalSec\":0}]}",
                "{\"commands\":[{\"name\":\"a\"}]}",
                "{\"commands\":[{\"name\":\"a\",\"command\":[]}]}",
                "{\"commands\":[{\"name\":\"a\",\"command\":\"/bin/true\"}]}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> Given.probes(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
