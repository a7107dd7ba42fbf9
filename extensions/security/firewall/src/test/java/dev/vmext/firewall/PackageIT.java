package dev.vmext.firewall;

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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Firewall");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.scripts()).isFalse();
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.SECURITY);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
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
                "{\"defaultInbound\":\"accept\",\"allowEstablished\":false,\"controlPlanePorts\":[443],\"rules\":[]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"reject\",\"direction\":\"out\",\"protocol\":\"udp\",\"ports\":[1,\"2-3\"],"
                        + "\"sources\":[\"10.0.0.0/8\",\"fd00::/8\"],\"destinations\":[\"::/0\"],\"log\":true,\"counter\":false}]}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> RuleCompilerTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"defaultInbound\":\"deny\"}",
                "{\"rule\":[]}",
                "{\"controlPlanePorts\":[]}",
                "{\"rules\":[{\"name\":\"a\"}]}",
                "{\"rules\":[{\"action\":\"drop\"}]}",
                "{\"rules\":[{\"name\":\"a\\\" drop\",\"action\":\"drop\"}]}",
                "{\"rules\":[{\"name\":\"a\\nb\",\"action\":\"drop\"}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"ports\":[\"22; drop\"]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"ports\":[0]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"ports\":[65536]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"sources\":[\"example.com\"]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"source\":[]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"log\":\"yes\"}]}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> RuleCompilerTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
