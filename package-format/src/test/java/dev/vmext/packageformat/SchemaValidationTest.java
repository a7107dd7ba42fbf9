package dev.vmext.packageformat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.testing.SamplePackage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published schemas, under a validator nobody here wrote, say what the readers do. */
class SchemaValidationTest {
    private static JsonSchema schema(String name) throws IOException {
        String text = Files.readString(Path.of("..", "docs", "reference", name + ".schema.json"));
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"extension", "monitoring", "trust", "package-signature"})
    void everyExampleIsValid(String name) throws IOException {
        for (Path example : SchemaFile.examples(name)) {
            assertThat(schema(name).validate(Files.readString(example), InputFormat.JSON))
                    .as(example.toString())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "schemaVersion | 1 | true",
                "schemaVersion | 2 | false",
                "name | \"Hello\" | false",
                "name | \"a.b-C.d\" | true",
                "name | \"a..b\" | false",
                "version | \"1.0.0.0\" | true",
                "version | \"1.0-beta\" | false",
                "more | 1 | false",
                "category | \"Security\" | false",
                "scripts | \"false\" | false",
                "scriptKeys | [\"a\", \"a\"] | false",
                "runtime | \"java-25\" | true",
                "runtime | \"java\" | false",
                "platforms | [{\"os\": \"linux\"}] | true",
                "platforms | [{\"distro\": \"debian\"}] | false",
                "settingsSchema | [] | false",
                "deadlines | {\"install\": 86400} | true",
                "deadlines | {\"install\": 86401} | false",
                "deadlines | {\"instal\": 1} | false",
                "retry | {\"attempts\": 0} | false",
                "budget | {\"cpuPercent\": 100} | true",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 65535}}] | true",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 65536}}] | false",
                "probes | [{\"name\": \"a\"}] | false",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 1}, \"process\": {\"name\": \"x\"}}] | false",
                "probes | [{\"name\": \"a\", \"http\": {\"url\": \"http://[::1]:80/x?y\"}}] | true",
                "probes | [{\"name\": \"a\", \"http\": {\"url\": \"ftp://host/\"}}] | false",
                "metrics | [{\"name\": \"A\", \"url\": \"http://127.0.0.1/\"}] | false",
                "probes | [{\"name\": \"a\", \"unit\": {\"name\": \"a@b.service\"}}] | true",
                "probes | [{\"name\": \"a\", \"unit\": {\"name\": \"a b\"}}] | false",
                "probes | [{\"name\": \"a\", \"unit\": {\"name\": \"--help\"}}] | false",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 1}, \"health\": false}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"maxSeries\": 20000}] | true",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"maxSeries\": 20001}] | false",
                "metrics | [{\"name\": \"a\", \"socket\": \"/run/a.sock\", \"path\": \"/m\"}] | true",
                "metrics | [{\"name\": \"a\", \"socket\": \"run/a.sock\"}] | false",
                "metrics | [{\"name\": \"a\", \"socket\": \"/run/a.sock\", \"path\": \"m\"}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"path\": \"/m\"}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"socket\": \"/run/a.sock\"}] | false",
                "metrics | [{\"name\": \"a\"}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"keep\": \"node_.*\"}] | true",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"drop\": \"\"}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"labels\": {\"a\": \"b\"}}] | true",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"labels\": {\"a\": 1}}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"labels\": {\"source\": \"b\"}}] | false",
                "metrics | [{\"name\": \"a\", \"url\": \"http://127.0.0.1/\", \"labels\": {\"a-b\": \"b\"}}] | false",
                "findings | [{\"type\": \"a-b\", \"severity\": \"high\"}] | true",
                "dependencies | [{\"name\": \"a.B\", \"version\": \"*\"}] | true",
                "dependencies | [{\"name\": \"a.B\", \"version\": \"1.x\"}] | false",
                "leases | [\"apt\"] | false",
                "gateway | [\"repository\"] | true",
                "gateway | [\"repository\", \"repository\"] | false",
                "gateway | [\"root\"] | false",
            })
    void schemaAndReaderAcceptTheSame(String field, String json, boolean accepted) throws IOException {
        String document = new SamplePackage("sample.Hello", "1.0.0")
                .extension(field, json)
                .extensionJson();
        assertThat(schema("extension").validate(document, InputFormat.JSON).isEmpty())
                .as("schema")
                .isEqualTo(accepted);
        var reading = assertThatCode(() -> ExtensionManifest.parse(document.getBytes(StandardCharsets.UTF_8)));
        if (accepted) {
            reading.doesNotThrowAnyException();
        } else {
            reading.isInstanceOf(PackageException.class);
        }
    }
}
