package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AssignmentTest {
    private static final Optional<Map<String, Object>> SCHEMA = Optional.of(Json.object("""
            {"properties": {
              "port": {"type": "integer"},
              "name": {"type": "string"},
              "on": {"type": "boolean"},
              "tags": {"type": "array"},
              "limits": {"type": "object", "properties": {"cpu": {"type": ["integer", "null"]}}}
            }}
            """, "the schema"));

    @Test
    void takesTheTypeFromTheSchema() {
        assertThat(Assignment.parse("port=8080", SCHEMA).value()).isEqualTo(new BigInteger("8080"));
        assertThat(Assignment.parse("name=8080", SCHEMA).value()).isEqualTo("8080");
        assertThat(Assignment.parse("on=true", SCHEMA).value()).isEqualTo(true);
        assertThat(Assignment.parse("tags=[\"a\",\"b\"]", SCHEMA).value()).isEqualTo(List.of("a", "b"));
        assertThat(Assignment.parse("limits.cpu=5", SCHEMA).value()).isEqualTo(new BigInteger("5"));
    }

    @Test
    void keepsEqualsSignsAndSpacesOfText() {
        assertThat(Assignment.parse("name=a = b", SCHEMA).value()).isEqualTo("a = b");
    }

    @Test
    void putsAValueIntoAnObjectWithoutTouchingItsNeighbours() {
        Map<String, Object> settings = new LinkedHashMap<>(Map.of("limits", Map.of("memory", 1), "port", 1));
        Assignment.parse("limits.cpu=5", SCHEMA).applyTo(settings);
        assertThat(settings).isEqualTo(Map.of("limits", Map.of("memory", 1, "cpu", new BigInteger("5")), "port", 1));
    }

    @Test
    void namesTheSettingAndTheWantedTypeWhenTheValueDoesNotFit() {
        assertThatThrownBy(() -> Assignment.parse("port=http", SCHEMA))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.code()).isEqualTo(ProblemCode.SETTINGS_INVALID);
                    assertThat(e.detail()).contains("port").contains("'http'").contains("a number");
                });
        assertThatThrownBy(() -> Assignment.parse("on=yes", SCHEMA)).hasMessageContaining("true or false");
    }

    @Test
    void refusesATextWithoutKeyOrWithAnEmptyPart() {
        assertThatThrownBy(() -> Assignment.parse("just-text", SCHEMA)).hasMessageContaining("KEY=");
        assertThatThrownBy(() -> Assignment.parse("a..b=1", SCHEMA)).hasMessageContaining("empty");
    }
}
