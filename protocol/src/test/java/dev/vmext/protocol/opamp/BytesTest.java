package dev.vmext.protocol.opamp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void anInstanceIdComesBack() {
        UUID id = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        assertThat(Bytes.ofUuid(id).hex()).isEqualTo("01890a5dac96774bbcceb302099a8057");
        assertThat(Bytes.ofUuid(id).uuid()).isEqualTo(id);
    }

    @Test
    void refusesAnInstanceIdOfAnotherLength() {
        assertThatThrownBy(() -> Bytes.ofHex("0102").uuid())
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("cannot read an instance id: it has 2 bytes, not 16");
    }

    @Test
    void doesNotChangeWithTheArrayItCameFrom() {
        byte[] source = {1, 2};
        Bytes bytes = Bytes.of(source);
        source[0] = 9;
        bytes.toArray()[1] = 9;
        assertThat(bytes).isEqualTo(Bytes.ofHex("0102")).hasSameHashCodeAs(Bytes.ofHex("0102"));
    }
}
