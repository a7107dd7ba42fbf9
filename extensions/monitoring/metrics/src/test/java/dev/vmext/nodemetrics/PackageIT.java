package dev.vmext.nodemetrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at the finished package as a server and an agent do. */
final class PackageIT {
    private static final Path ZIP = Path.of(System.getProperty("extension.package") + ".zip");
    private static final PackageDescription PACKAGE = new PackageReader(ArchiveLimits.standard()).describe(ZIP);

    @Test
    void describesItself() {
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Metrics");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
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
    void theSchemaNamesEveryCollectorThatTheHandlerKnows() throws Exception {
        var known = new JsonMapper()
                .readTree(PACKAGE.schemas().settings().orElseThrow())
                .at("/properties/moreCollectors/items/enum");
        assertThat(known.valueStream().map(node -> node.asText()).toList()).isEqualTo(MetricsSettings.MORE);
        var parts = new JsonMapper()
                .readTree(PACKAGE.schemas().settings().orElseThrow())
                .at("/properties/collect/properties");
        assertThat(parts.fieldNames())
                .toIterable()
                .containsExactlyElementsOf(
                        Stream.of(Group.values()).map(Group::setting).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"collect\":{\"cpu\":false},\"services\":[\"a.service\",\"b@*.service\"],\"moreCollectors\":[\"timex\"]}",
                "{\"ignore\":{\"disks\":\"^(loop|ram)\\\\d+$\",\"mountPoints\":\"^/mnt\",\"fileSystemTypes\":\"\",\"networkDevices\":\"^lo$\"}}",
                "{\"machine\":{\"intervalSec\":5,\"timeoutSec\":5,\"maxSeries\":1,\"keep\":[\"a.*\"],\"drop\":[\"b\"],\"labels\":{\"a\":\"b\"}}}",
                "{\"applications\":[{\"name\":\"a\",\"url\":\"http://127.0.0.1:1/metrics\"},{\"name\":\"b\",\"socket\":\"/run/b\",\"path\":\"/m\"}]}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> Given.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"collekt\":{}}",
                "{\"collect\":{\"cpus\":true}}",
                "{\"collect\":{\"cpu\":1}}",
                "{\"services\":[]}",
                "{\"services\":[\"a b\"]}",
                "{\"services\":[\"a.service\\\" --web.listen-address=:1\"]}",
                "{\"moreCollectors\":[\"perf\"]}",
                "{\"ignore\":{\"disk\":\"a\"}}",
                "{\"machine\":{\"intervalSec\":4}}",
                "{\"machine\":{\"timeoutSec\":0}}",
                "{\"machine\":{\"maxSeries\":0}}",
                "{\"machine\":{\"labels\":{\"source\":\"a\"}}}",
                "{\"machine\":{\"labels\":{\"__a\":\"a\"}}}",
                "{\"machine\":{\"labels\":{\"a-b\":\"a\"}}}",
                "{\"applications\":[{\"url\":\"http://a/\"}]}",
                "{\"applications\":[{\"name\":\"a\"}]}",
                "{\"applications\":[{\"name\":\"a\",\"url\":\"http://a/\",\"socket\":\"/a\"}]}",
                "{\"applications\":[{\"name\":\"a\",\"url\":\"http://a:b@c/\"}]}",
                "{\"applications\":[{\"name\":\"a\",\"url\":\"file:///etc/shadow\"}]}",
                "{\"applications\":[{\"name\":\"a\",\"socket\":\"a\"}]}",
                "{\"applications\":[{\"name\":\"a\",\"url\":\"http://a/\",\"path\":\"/m\"}]}",
                "{\"applications\":[{\"name\":\"A\",\"url\":\"http://a/\"}]}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> Given.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
