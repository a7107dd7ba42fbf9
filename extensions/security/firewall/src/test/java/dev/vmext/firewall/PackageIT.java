package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.ArrayList;
import java.util.List;
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
                "{\"defaultOutbound\":\"drop\",\"logDefault\":true,\"confirmSec\":0,\"driftCheckSec\":10}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"ssh\",\"dns\"],\"interfaces\":[\"eth0\"],"
                        + "\"log\":true,\"logPrefix\":\"no \",\"logRate\":\"5/minute\"}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"direction\":\"forward\",\"services\":[\"ssh\"],\"protocol\":\"any\","
                        + "\"ports\":[],\"log\":false,\"logRate\":\"10/second\"}]}",
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
                "{\"confirmSec\":301}",
                "{\"driftCheckSec\":1}",
                "{\"defaultOutbound\":\"reject\"}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"sssh\"]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"ssh\"],\"ports\":[22]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"services\":[\"ssh\"],\"protocol\":\"tcp\"}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"protocol\":\"icmp\",\"ports\":[22]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"interfaces\":[\"eth0; drop\"]}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logRate\":\"often\"}]}",
                "{\"rules\":[{\"name\":\"a\",\"action\":\"drop\",\"log\":true,\"logPrefix\":\"\\\"; drop\"}]}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> RuleCompilerTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    @Test
    void theSchemaNamesTheServicesThatTheHandlerKnows() throws Exception {
        JsonNode schema =
                new ObjectMapper().readTree(PACKAGE.schemas().settings().orElseThrow());
        List<String> names = new ArrayList<>();
        schema.at("/properties/rules/items/properties/services/items/enum").forEach(n -> names.add(n.asText()));
        assertThat(names).isEqualTo(Service.names());
    }

    @Test
    void everySettingHasAPlaceInTheForm() throws Exception {
        ObjectMapper json = new ObjectMapper();
        JsonNode schema = json.readTree(PACKAGE.schemas().settings().orElseThrow());
        JsonNode form = json.readTree(PACKAGE.schemas().ui().orElseThrow());
        assertThat(texts(form.path("ui:order"))).containsExactlyInAnyOrderElementsOf(names(schema.path("properties")));
        assertThat(texts(form.at("/rules/items/ui:order")))
                .containsExactlyInAnyOrderElementsOf(names(schema.at("/properties/rules/items/properties")));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(n -> texts.add(n.asText()));
        return texts;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
