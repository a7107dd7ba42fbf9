package dev.vmext.packageformat.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.SchemaFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TrustSchemaTest {
    @Test
    void schemaAndReaderKnowTheSameFieldsAndWords() throws IOException {
        SchemaFile schema = new SchemaFile("trust.schema.json");
        Set<String> modes = Stream.of(TrustMode.values()).map(TrustMode::text).collect(Collectors.toSet());
        assertThat(schema.fields()).isEqualTo(SchemaFile.fields(TrustPolicy.SHAPES));
        assertThat(schema.words()).isEqualTo(Map.of("mode", modes));
        assertThat(schema.required()).containsExactlyInAnyOrder("version", "mode", "publishers");
    }

    @Test
    void readsEveryExample() throws IOException {
        var examples = SchemaFile.examples("trust.");
        assertThat(examples).hasSizeGreaterThanOrEqualTo(2);
        for (Path example : examples) {
            assertThat(TrustPolicy.parse(Files.readAllBytes(example)).keys()).isNotEmpty();
        }
    }
}
