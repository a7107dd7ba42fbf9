package dev.vmext.server.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class StrictJsonTest {
    record Moment(Instant at) {}

    record Positive(int number) {
        Positive {
            if (number < 1) {
                throw new IllegalArgumentException("number must be positive");
            }
        }
    }

    @Test
    void readsARecordWithNestedRecordsAndLeavesOutWhatMayBeMissing() {
        MachineCreate machine = read("""
                {"name": "web1", "cpus": 2, "labels": {"tier": "front"},
                 "installations": {"fw": {"extension": "vmext.Firewall", "settings": {"ports": [22, 443]}}}}
                """, MachineCreate.class);

        assertThat(machine.name()).isEqualTo("web1");
        assertThat(machine.memoryMiB()).isNull();
        assertThat(machine.labels()).containsEntry("tier", "front");
        assertThat(machine.installations())
                .containsEntry(
                        "fw",
                        new InstallationWrite(
                                "vmext.Firewall", null, Map.of("ports", List.of(22, 443)), null, null, null));
    }

    @Test
    void namesTheKeyNobodyKnowsAndTheNearestOne() {
        assertRefused(() -> read("{\"name\": \"web1\", \"memoryMib\": 512}", MachineCreate.class))
                .satisfies(problem -> {
                    assertThat(problem.reason()).isEqualTo("there is no key \"memoryMib\" at $");
                    assertThat(problem.hint()).isEqualTo("Did you mean \"memoryMiB\"?");
                });
    }

    @Test
    void namesThePathOfAKeyNobodyKnowsFurtherDown() {
        assertRefused(() -> read(
                        "{\"name\": \"a\", \"installations\": {\"fw\": {\"extension\": \"x.Y\", \"verson\": \"1\"}}}",
                        MachineCreate.class))
                .satisfies(problem -> {
                    assertThat(problem.reason()).isEqualTo("there is no key \"verson\" at $.installations.fw");
                    assertThat(problem.hint()).isEqualTo("Did you mean \"version\"?");
                });
    }

    @Test
    void namesThePathOfAValueOfTheWrongType() {
        assertReason("{\"name\": \"a\", \"cpus\": \"two\"}", "$.cpus must be a whole number, not a text");
        assertReason("{\"name\": 7}", "$.name must be a text, not the number 7");
        assertReason("{\"name\": \"a\", \"cpus\": 1.5}", "$.cpus must be a whole number, not the number 1.5");
        assertReason(
                "{\"name\": \"a\", \"cpus\": 99999999999}",
                "$.cpus must be a whole number, not the number 99999999999");
        assertReason("{\"name\": \"a\", \"labels\": []}", "$.labels must be an object, not a list");
        assertReason("[]", "$ must be an object, not a list");
    }

    @Test
    void saysWhatIsMissing() {
        assertReason("{}", "$.name is missing");
        assertReason("{\"name\": null}", "$.name is missing");
    }

    @Test
    void refusesAKeyTwice() {
        assertRefused(() -> read("{\"name\": \"a\", \"name\": \"b\"}", MachineCreate.class))
                .extracting(JsonProblem::reason)
                .asString()
                .contains("two values for the key 'name'");
    }

    @Test
    void refusesADocumentThatIsNestedTooDeep() {
        String deep = "{\"name\": \"a\", \"x\": " + "[".repeat(200) + "]".repeat(200) + "}";

        assertRefused(() -> read(deep, MachineCreate.class))
                .extracting(JsonProblem::reason)
                .asString()
                .contains("nested deeper than 32 levels");
    }

    @Test
    void refusesWhatIsNotJsonAndWhatFollowsTheDocument() {
        assertRefused(() -> read("{name: 1}", MachineCreate.class))
                .extracting(JsonProblem::kind)
                .isEqualTo(JsonProblem.Kind.MALFORMED);
        assertRefused(() -> read("{\"name\": \"a\"} {}", MachineCreate.class))
                .extracting(JsonProblem::kind)
                .isEqualTo(JsonProblem.Kind.MALFORMED);
        assertRefused(() -> read("", MachineCreate.class))
                .extracting(JsonProblem::reason)
                .isEqualTo("it is empty");
    }

    @Test
    void refusesMoreBytesThanAllowed() {
        assertRefused(() -> StrictJson.read(
                        new ByteArrayInputStream("{\"name\": \"abcdef\"}".getBytes(UTF_8)), 8, MachineCreate.class))
                .extracting(JsonProblem::kind)
                .isEqualTo(JsonProblem.Kind.TOO_LARGE);
    }

    @Test
    void passesOnWhyARecordRefusesAValue() {
        assertRefused(() -> read("{\"number\": 0}", Positive.class)).satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(JsonProblem.Kind.VALUE);
            assertThat(problem.reason()).isEqualTo("$: number must be positive");
        });
    }

    @Test
    void writesInstantsAsText() {
        assertThat(new String(StrictJson.write(new Moment(Instant.parse("2026-01-01T00:00:00Z"))), UTF_8))
                .isEqualTo("{\"at\":\"2026-01-01T00:00:00Z\"}");
    }

    @Test
    void suggestsNothingWhenNothingIsNear() {
        assertThat(Suggestion.nearest("frobnicate", List.of("name", "cpus"))).isEmpty();
        assertThat(Suggestion.sentence("frobnicate", List.of("name", "cpus"))).isEqualTo("Allowed are: cpus, name.");
    }

    private static <T extends Record> T read(String text, Class<T> type) {
        return StrictJson.read(text.getBytes(UTF_8), type);
    }

    private static void assertReason(String document, String reason) {
        assertRefused(() -> read(document, MachineCreate.class))
                .extracting(JsonProblem::reason)
                .isEqualTo(reason);
    }

    private static ThrowableAssert<JsonProblem> assertRefused(ThrowingCallable call) {
        return new ThrowableAssert<>(catchThrowableOfType(JsonProblem.class, call));
    }

    @Test
    void readsNothingItDoesNotHaveTo() throws IOException {
        assertThat(StrictJson.bytes(new ByteArrayInputStream(new byte[8]), 8)).hasSize(8);
    }
}
