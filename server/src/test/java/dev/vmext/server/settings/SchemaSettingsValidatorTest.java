package dev.vmext.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.fleet.SettingsValidator.Fault;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemaSettingsValidatorTest {
    private static final String SCHEMA = """
            {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
             "required": ["name"],
             "properties": {
               "name": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"},
               "mode": {"enum": ["fast", "safe"]},
               "port": {"type": "integer", "minimum": 1, "maximum": 65535},
               "rules": {"type": "array", "maxItems": 2, "items": {"$ref": "#/definitions/rule"}}},
             "definitions": {"rule": {"type": "object", "additionalProperties": false, "properties": {"source": {"type": "string"}}}}}
            """;

    private final SchemaSettingsValidator validator = new SchemaSettingsValidator();

    @Test
    void acceptsSettingsThatFit() {
        assertThat(validator.validate(
                        SCHEMA, Map.of("name", "web", "port", 80, "rules", List.of(Map.of("source", "any")))))
                .isEmpty();
    }

    @Test
    void namesAnUnknownSettingAndTheNearestOne() {
        assertThat(validator.validate(SCHEMA, Map.of("name", "web", "prot", 80)))
                .containsExactly(new Fault(
                        "/prot", "there is no setting \"prot\"; known are name, mode, port, rules", true, "port"));
    }

    @Test
    void findsUnknownSettingsBehindReferences() {
        assertThat(validator.validate(SCHEMA, Map.of("name", "web", "rules", List.of(Map.of("sorce", "x")))))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.path()).isEqualTo("/rules/0/sorce");
                    assertThat(fault.unknownKey()).isTrue();
                    assertThat(fault.suggestion()).isEqualTo("source");
                });
    }

    @Test
    void saysWhatIsWrongAndWhatIsAllowed() {
        assertThat(messages(Map.of("name", 7))).containsExactly("/name must be a text, not a number");
        assertThat(messages(Map.of())).containsExactly("the settings lack \"name\", which is required");
        assertThat(messages(Map.of("name", "web", "mode", "slow")))
                .containsExactly("/mode must be one of \"fast\", \"safe\"");
        assertThat(messages(Map.of("name", "web", "port", 0))).containsExactly("/port must be at least 1");
        assertThat(messages(Map.of("name", "web", "port", 70000))).containsExactly("/port must be at most 65535");
        assertThat(messages(Map.of("name", "a"))).containsExactly("/name must have at least 2 characters");
        assertThat(messages(Map.of("name", "web", "rules", List.of(Map.of(), Map.of(), Map.of()))))
                .containsExactly("/rules must have at most 2 items");
    }

    @Test
    void neverRepeatsAValue() {
        assertThat(messages(Map.of("name", "S3CRET", "mode", "S3CRET", "port", "S3CRET")))
                .hasSize(3)
                .noneMatch(message -> message.contains("S3CRET"));
    }

    @Test
    void refusesASchemaThatPointsElsewhere() {
        ProblemException problem = catchThrowableOfType(
                ProblemException.class,
                () -> validator.check("{\"properties\": {\"a\": {\"$ref\": \"http://127.0.0.1:9/schema.json\"}}}"));

        assertThat(problem.code()).isEqualTo(ProblemCode.PACKAGE_INVALID);
        assertThat(problem.detail()).contains("$ref points out of the document");
    }

    @Test
    void refusesASchemaThatIsNone() {
        assertThat(catchThrowableOfType(ProblemException.class, () -> validator.check("[]"))
                        .detail())
                .contains("it is not a JSON object");
        assertThat(catchThrowableOfType(ProblemException.class, () -> validator.check("{\"type\": "))
                        .code())
                .isEqualTo(ProblemCode.PACKAGE_INVALID);
    }

    private List<String> messages(Map<String, Object> settings) {
        return validator.validate(SCHEMA, settings).stream().map(Fault::message).toList();
    }
}
