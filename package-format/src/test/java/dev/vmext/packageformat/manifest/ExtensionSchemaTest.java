package dev.vmext.packageformat.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.SchemaFile;
import dev.vmext.packageformat.json.JsonFields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExtensionSchemaTest {
    @Test
    void schemaAndReaderKnowTheSameFields() throws IOException {
        assertThat(new SchemaFile("extension.schema.json").fields())
                .isEqualTo(SchemaFile.fields(ExtensionManifestReader.SHAPES));
    }

    @Test
    void schemaAndReaderKnowTheSameWords() throws IOException {
        assertThat(new SchemaFile("extension.schema.json").words())
                .isEqualTo(Map.of(
                        "category", words(Category.values()),
                        "kind", words(Kind.values()),
                        "instances", words(Instances.values()),
                        "update", words(UpdateStyle.values()),
                        "reboot", words(Reboot.values()),
                        "findings.severity", words(Severity.values()),
                        "probes.http.method", Set.of("GET", "HEAD"),
                        "gateway",
                                Stream.of(GatewayUse.values())
                                        .map(GatewayUse::text)
                                        .collect(Collectors.toSet()),
                        "leases", Stream.of(Lease.values()).map(Lease::text).collect(Collectors.toSet())));
    }

    private static Set<String> words(Enum<?>[] constants) {
        return Stream.of(constants).map(JsonFields::spelling).collect(Collectors.toSet());
    }

    @Test
    void theReaderRequiresWhatTheSchemaRequires() throws IOException {
        Set<String> required = new SchemaFile("extension.schema.json").required();
        String minimal =
                Files.readString(SchemaFile.examples("extension.minimal").getFirst());
        assertThat(required).allSatisfy(field -> {
            // Every field of the minimal example stands on a line of its own and is a simple value.
            String without =
                    minimal.replaceFirst("(?m)^  \"" + field + "\": .*\\R", "").replaceFirst(",\\s*}", "}");
            assertThat(without).isNotEqualTo(minimal);
            assertThatCode(() -> ExtensionManifest.parse(without.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(PackageException.class)
                    .hasMessageContaining(field);
        });
    }

    @Test
    void readsEveryExample() throws IOException {
        var examples = SchemaFile.examples("extension.");
        assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
        for (Path example : examples) {
            assertThat(ExtensionManifest.parse(Files.readAllBytes(example))
                            .identity()
                            .name()
                            .isIn("acme"))
                    .isTrue();
        }
    }

    @Test
    void theFullExampleShowsEveryField() throws IOException {
        String full = Files.readString(SchemaFile.examples("extension.full").getFirst());
        new SchemaFile("extension.schema.json")
                .fields()
                .forEach((path, fields) -> assertThat(fields)
                        .as(path)
                        .allSatisfy(field -> assertThat(full).contains("\"" + field + "\":")));
    }

    @Test
    void namesAndVersionsHaveTheSamePatternAsInTheSchema() throws IOException {
        String schema = Files.readString(Path.of("../docs/reference/extension.schema.json"))
                .replace("\\\\", "\\");
        assertThat(schema)
                .contains("\"^" + ExtensionName.PATTERN + "$\"")
                .contains("\"^" + ExtensionVersion.PATTERN + "$\"");
    }
}
