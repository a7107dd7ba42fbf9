package dev.vmext.packageformat.signing;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackageSignatureTest {
    private static final String TYPE = PackageSignature.PAYLOAD_TYPE;

    private static PackageSignature parse(String json) {
        return PackageSignature.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /** The example of the DSSE protocol document. */
    @Test
    void encodesAsDsseSays() {
        byte[] encoded = PackageSignature.preAuthenticationEncoding(
                "http://example.com/HelloWorld", "hello world".getBytes(StandardCharsets.UTF_8));
        assertThat(new String(encoded, StandardCharsets.UTF_8))
                .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    @Test
    void readsWhatItWrites() {
        PackageSignature signature =
                new PackageSignature("e30=", List.of(new DsseSignature("k", "AAAA"), new DsseSignature("", "AQ==")));
        assertThat(PackageSignature.parse(signature.toBytes())).isEqualTo(signature);
    }

    @Test
    void readsUrlSafeBase64Too() {
        byte[] bytes = HexFormat.of().parseHex("fbefff");
        String urlSafe = Base64.getUrlEncoder().encodeToString(bytes);
        assertThat(urlSafe).contains("-", "_");
        assertThat(PackageSignature.decode("sig", urlSafe)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"payloadType\":\"" + TYPE + "\",\"payload\":\"e30=\"}",
                "{\"payloadType\":\"" + TYPE + "\",\"payload\":\"e30=\",\"signatures\":[]}",
                "{\"payloadType\":\"" + TYPE + "\",\"payload\":\"e30=\",\"signatures\":[{}]}",
                "{\"payloadType\":\"" + TYPE + "\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"!\"}]}",
                "{\"payloadType\":\"" + TYPE + "\",\"payload\":\"!\",\"signatures\":[{\"sig\":\"AAAA\"}]}",
                "{\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"AAAA\"}]}",
                "{\"payloadType\":\"" + TYPE
                        + "\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"AAAA\"}],\"more\":1}",
                "{\"payloadType\":\"" + TYPE
                        + "\",\"payload\":\"e30=\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"AAAA\"}]}",
            })
    void refusesWhatIsNoEnvelope(String json) {
        refused(PackageProblem.MALFORMED_SIGNATURE, () -> parse(json));
    }

    @Test
    void refusesAnEnvelopeThatIsTooLarge() {
        refused(PackageProblem.MALFORMED_SIGNATURE, () -> parse(" ".repeat(1 << 17)));
        String one = "{\"sig\":\"AAAA\"},";
        refused(
                PackageProblem.MALFORMED_SIGNATURE,
                () -> parse("{\"payloadType\":\"" + TYPE + "\",\"payload\":\"e30=\",\"signatures\":[" + one.repeat(20)
                        + "{\"sig\":\"AAAA\"}]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":\"a.B\",\"version\":\"1\",\"sha256\":\"sha256:00\",\"size\":1}",
                "{\"name\":\"B\",\"version\":\"1\",\"sha256\":\"sha256:HASH\",\"size\":1}",
                "{\"name\":\"a.B\",\"version\":\"x\",\"sha256\":\"sha256:HASH\",\"size\":1}",
                "{\"name\":\"a.B\",\"version\":\"1\",\"sha256\":\"HASH\",\"size\":1}",
                "{\"name\":\"a.B\",\"version\":\"1\",\"sha256\":\"sha256:HASH\",\"size\":-1}",
                "{\"name\":\"a.B\",\"version\":\"1\",\"sha256\":\"sha256:HASH\",\"size\":\"1\"}",
                "{\"name\":\"a.B\",\"version\":\"1\",\"sha256\":\"sha256:HASH\",\"size\":1,\"also\":2}",
            })
    void refusesAPayloadThatIsNoStatement(String json) {
        byte[] payload = json.replace("HASH", "0".repeat(64)).getBytes(StandardCharsets.UTF_8);
        PackageSignature signature = new PackageSignature(
                Base64.getEncoder().encodeToString(payload), List.of(new DsseSignature("", "AAAA")));
        refused(PackageProblem.MALFORMED_SIGNATURE, signature::unverifiedStatement);
    }
}
