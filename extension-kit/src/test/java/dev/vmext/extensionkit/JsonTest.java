package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    @Test
    void writesWhatItRead() {
        String text = "{\"a\":[1,2.50,\"x\\n\\\"\",true,null],\"b\":{}}";
        assertThat(Json.parse(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "{", "{\"a\":1,\"a\":2}", "[1,]", "1 2", "nope", "{'a':1}", "[1]x", "\"a", "[NaN]"})
    void refusesWhatIsNotExactlyOneValue(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void refusesDeepNesting() {
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000))).isInstanceOf(JsonException.class);
    }

    @Test
    void errorsDoNotQuoteTheText() {
        assertThatThrownBy(() -> Json.parse("{\"password\": hunter2}")).hasMessageNotContaining("hunter");
        assertThatThrownBy(() -> Json.parse("{\"k1secret\":1,\"k1secret\":2}")).hasMessageNotContaining("k1secret");
    }
}
