package dev.vmext.packageformat.trust;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.ExtensionName;
import dev.vmext.packageformat.testing.SamplePublisher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustPolicyTest {
    private static final String KEY = new SamplePublisher("acme").publicKey().text();
    private static final String OTHER = new SamplePublisher("acme").publicKey().text();

    @TempDir
    Path folder;

    private static TrustPolicy parse(String json) {
        return TrustPolicy.parse(json.replace("KEY", KEY).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatItWrites() {
        TrustPolicy policy = new TrustPolicy(
                TrustMode.NO_SCRIPTS,
                List.of(
                        new TrustedPublisher("acme", List.of(PublisherKey.of(KEY), PublisherKey.of(OTHER))),
                        new TrustedPublisher("Microsoft.Azure", List.of(PublisherKey.of(OTHER)))));
        Path file = folder.resolve("trust.json");
        TrustFile.write(file, policy);
        TrustFile.write(file, policy);
        assertThat(TrustFile.read(file)).isEqualTo(policy);
        assertThat(folder.toFile().list()).containsExactly("trust.json");
        assertThat(policy.toJson()).contains("\"mode\" : \"no-scripts\"");
    }

    @Test
    void findsKeysByNameSpace() {
        TrustPolicy policy = new TrustPolicy(
                TrustMode.FULL,
                List.of(
                        new TrustedPublisher("acme", List.of(PublisherKey.of(KEY))),
                        new TrustedPublisher("acme.extra", List.of(PublisherKey.of(OTHER)))));
        assertThat(policy.keysFor(ExtensionName.of("acme.Tool"))).containsExactly(PublisherKey.of(KEY));
        assertThat(policy.keysFor(ExtensionName.of("acme.extra.Tool")))
                .containsExactly(PublisherKey.of(KEY), PublisherKey.of(OTHER));
        assertThat(policy.keysFor(ExtensionName.of("acmeextra.Tool"))).isEmpty();
        assertThat(policy.namespacesOf(PublisherKey.of(OTHER))).containsExactly("acme.extra");
    }

    @Test
    void modesAllowWhatTheyPromise() {
        assertThat(TrustMode.FULL.allowsScripts()).isTrue();
        assertThat(TrustMode.NO_SCRIPTS.allowsScripts()).isFalse();
        assertThat(TrustMode.NO_SCRIPTS.allowsChanges()).isTrue();
        assertThat(TrustMode.OBSERVE.allowsChanges()).isFalse();
        assertThat(TrustMode.OBSERVE.allowsScripts()).isFalse();
    }

    @Test
    void anEmptyListTrustsNobody() {
        assertThat(parse("{\"version\": 1, \"mode\": \"full\", \"publishers\": []}")
                        .keys())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"version\": 1, \"publishers\": []}",
                "{\"mode\": \"full\", \"publishers\": []}",
                "{\"version\": 1, \"mode\": \"full\"}",
                "{\"version\": 2, \"mode\": \"full\", \"publishers\": []}",
                "{\"version\": 1, \"mode\": \"Full\", \"publishers\": []}",
                "{\"version\": 1, \"mode\": \"everything\", \"publishers\": []}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [], \"publisher\": []}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": {}}",
                "{\"version\": 1, \"mode\": \"full\", \"mode\": \"observe\", \"publishers\": []}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"a\"}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"a\", \"keys\": []}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"keys\": [\"KEY\"]}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"a.\", \"keys\": [\"KEY\"]}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"*\", \"keys\": [\"KEY\"]}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"a\", \"keys\": [\"KEY\", \"KEY\"]}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"a\", \"keys\": [\"rsa:x\"]}]}",
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"a\", \"keys\": [\"KEY\"]},"
                        + " {\"namespace\": \"a\", \"keys\": [\"KEY\"]}]}",
            })
    void refusesAFileThatIsNotClear(String json) {
        refused(PackageProblem.MALFORMED_TRUST, () -> parse(json));
    }

    @Test
    void refusesAFileThatIsNotThere() {
        refused(PackageProblem.FILE_FAILED, () -> TrustFile.read(folder.resolve("trust.json")));
    }
}
