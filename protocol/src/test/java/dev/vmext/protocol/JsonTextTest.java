package dev.vmext.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTextTest {
    @Test
    void givesBackWhatItRead() {
        String text = "{\"a\":[1,2.50,\"x\\n\",true,null,{}],\"b\":{\"c\":12345678901234567890}}";
        assertThat(JsonText.write(JsonText.readObject(text))).isEqualTo(text);
    }

    @Test
    void sortsKeysSoThatEqualObjectsHaveEqualText() {
        assertThat(JsonText.write(JsonText.readObject("{\"b\":{\"d\":1,\"c\":2},\"a\":1}")))
                .isEqualTo("{\"a\":1,\"b\":{\"c\":2,\"d\":1}}");
    }

    @Test
    void keepsDecimalsExactly() {
        assertThat(JsonText.readObject("{\"a\":0.1}")).containsEntry("a", new BigDecimal("0.1"));
    }

    @Test
    void refusesWhatIsNoObject() {
        assertThatThrownBy(() -> JsonText.readObject("[1]")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> JsonText.write(Map.of("a", JsonText.class)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
