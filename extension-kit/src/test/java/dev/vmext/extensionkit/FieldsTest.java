package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FieldsTest {
    private static Fields of(String json) {
        return Fields.of("settings", Json.parse(json));
    }

    @Test
    void suggestsTheKeyThatWasProbablyMeant() {
        Fields fields = of("{\"timeoutSecond\":1}");
        fields.getInt("timeoutSeconds", 5, 1, 10);
        assertThatThrownBy(fields::refuseUnknown)
                .isInstanceOf(HandlerException.class)
                .hasMessage("cannot use settings: there is no setting \"timeoutSecond\"")
                .extracting(e -> ((HandlerException) e).hint())
                .isEqualTo("Did you mean timeoutSeconds?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "1.5", "1e9", "1e999999", "\"3\"", "true", "[]"})
    void refusesWhatIsNotAWholeNumberInRange(String value) {
        assertThatThrownBy(() -> of("{\"n\":" + value + "}").getInt("n", 5, 1, 10))
                .isInstanceOf(HandlerException.class)
                .hasMessageStartingWith("cannot use settings.n: it is ");
    }

    @Test
    void wholeNumbersMayBeWrittenWithAPoint() {
        assertThat(of("{\"n\":3.0}").getInt("n", 5, 1, 10)).isEqualTo(3);
    }

    @Test
    void nullCountsAsAbsent() {
        Fields fields = of("{\"a\":null}");
        assertThat(fields.findString("a")).isEmpty();
        assertThat(fields.getBoolean("a", true)).isTrue();
        fields.refuseUnknown();
    }

    @Test
    void namesThePlaceOfAWrongValueWithoutRepeatingIt() {
        assertThatThrownBy(() -> of("{\"arguments\":[\"a\",1234]}").getStrings("arguments"))
                .hasMessage("cannot use settings.arguments[1]: it is a number, not a text");
        assertThatThrownBy(() -> of("{\"w\":\"hunter2\"}").getWord("w", "a", List.of("a", "b")))
                .hasMessage("cannot use settings.w: it is not one of a, b");
    }
}
