package dev.vmext.customscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.archive.PackageUnpacker;
import dev.vmext.packageformat.manifest.Instances;
import dev.vmext.packageformat.manifest.Kind;
import dev.vmext.packageformat.manifest.PackageDescription;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at the finished package as a server and an agent do. */
final class PackageIT {
    private static final Path ZIP = Path.of(System.getProperty("extension.package") + ".zip");
    private static final String DIGITS = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final PackageDescription PACKAGE = new PackageReader(ArchiveLimits.standard()).describe(ZIP);

    @TempDir
    private Path folder;

    @Test
    void describesItself() {
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.CustomScript");
        assertThat(PACKAGE.identity().version().text()).isEqualTo("1.1.0");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.ONE_SHOT);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.MANY);
        assertThat(PACKAGE.scripts()).isTrue();
    }

    @Test
    void theDeadlineOfEnableIsLongerThanAnyTimeLimit() {
        assertThat(PACKAGE.deadline(dev.vmext.packageformat.manifest.HandlerCommand.ENABLE)
                        .toSeconds())
                .isGreaterThan(ScriptSettings.LONGEST_TIMEOUT_SECONDS + ScriptSettings.LONGEST_DOWNLOAD_SECONDS + 60L);
    }

    @Test
    void unpacksWithAHandlerThatCanBeRun() {
        new PackageUnpacker(ArchiveLimits.standard()).unpack(ZIP, folder.resolve("x"));
        assertThat(Files.isExecutable(folder.resolve("x/bin/handler"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"script\":\"echo\"}",
                "{\"commandToExecute\":\"echo\",\"arguments\":[\"a\"],\"environment\":{\"A\":\"b\"},\"timeoutSeconds\":14400,"
                        + "\"workingDirectory\":\"/tmp\"}",
                "{\"scriptFile\":\"go.sh\",\"files\":[{\"name\":\"go.sh\",\"content\":\"true\",\"executable\":true},{\"name\":\"b.tar\","
                        + "\"url\":\"https://example.com/b.tar\",\"digest\":\"sha256:" + DIGITS
                        + "\"}],\"run\":\"once\","
                        + "\"downloadTimeoutSeconds\":60,\"proxy\":\"http://proxy.example:3128\"}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schema(PACKAGE.schemas().settings().orElseThrow()).validate(settings, InputFormat.JSON))
                .isEmpty();
        assertThatCode(() -> handle(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"scirpt\":\"echo\"}",
                "{\"script\":1}",
                "{\"script\":\"\"}",
                "{\"script\":\"a\",\"arguments\":[1]}",
                "{\"script\":\"a\",\"environment\":{\"A B\":\"x\"}}",
                "{\"script\":\"a\",\"environment\":{\"A\":1}}",
                "{\"script\":\"a\",\"timeoutSeconds\":0}",
                "{\"script\":\"a\",\"timeoutSeconds\":14401}",
                "{\"script\":\"a\",\"timeoutSeconds\":\"1\"}",
                "{\"script\":\"a\",\"workingDirectory\":\"tmp\"}",
                "{\"script\":\"a\",\"run\":\"twice\"}",
                "{\"script\":\"a\",\"proxy\":\"proxy:3128\"}",
                "{\"script\":\"a\",\"files\":[{\"name\":\"a/b\",\"content\":\"\"}]}",
                "{\"script\":\"a\",\"files\":[{\"name\":\"a\"}]}",
                "{\"script\":\"a\",\"files\":[{\"name\":\"a\",\"url\":\"http://h/a\"}]}",
                "{\"script\":\"a\",\"files\":[{\"name\":\"a\",\"content\":\"\",\"url\":\"http://h/a\",\"digest\":\"sha256:"
                        + DIGITS + "\"}]}",
                "{\"script\":\"a\",\"files\":[{\"name\":\"a\",\"url\":\"ftp://h/a\",\"digest\":\"sha256:" + DIGITS
                        + "\"}]}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schema(PACKAGE.schemas().settings().orElseThrow()).validate(settings, InputFormat.JSON))
                .isNotEmpty();
        assertThatCode(() -> handle(settings)).isInstanceOf(HandlerException.class);
    }

    @Test
    void theProtectedSchemaFitsTheHandler() {
        JsonSchema schema = schema(PACKAGE.schemas().protectedSettings().orElseThrow());
        String settings =
                "{\"script\":\"echo\",\"arguments\":[\"a\"],\"environment\":{\"A\":\"b\"},\"files\":[{\"name\":\"a\",\"url\":\"http://h/a\","
                        + "\"digest\":\"sha256:" + DIGITS + "\",\"headers\":{\"Authorization\":\"x\"}}]}";
        assertThat(schema.validate(settings, InputFormat.JSON)).isEmpty();
        assertThat(schema.validate("{\"timeoutSeconds\":1}", InputFormat.JSON)).isNotEmpty();
        ScriptSettings.from(new Settings(1, Json.object(), (Json.Obj) Json.parse(settings)));
    }

    private static JsonSchema schema(String text) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(text);
    }

    private static void handle(String settings) {
        ScriptSettings.from(new Settings(1, (Json.Obj) Json.parse(settings), Json.object()));
    }
}
