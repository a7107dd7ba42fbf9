package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.protocol.api.ExtensionView.VersionView;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OfficialExtensionsTest {
    @Test
    void aNewVersionIsPublishedAsItIs() {
        assertThat(next("1.1.0", "1.0.0", "1.0.0.4")).isEqualTo("1.1.0");
    }

    @Test
    void changedContentOfAPublishedVersionGetsTheNextFourthPart() {
        assertThat(next("1.0.0", "1.0.0")).isEqualTo("1.0.0.1");
        assertThat(next("1.0.0", "1.0.0", "1.0.0.1", "1.0.0.9", "1.1.0")).isEqualTo("1.0.0.10");
    }

    private static String next(String built, String... published) {
        List<VersionView> versions = Stream.of(published)
                .map(v -> new VersionView(v, "active", "sha256:x", 1, "key", Instant.EPOCH))
                .toList();
        return OfficialExtensions.next(ExtensionVersion.of(built), versions).text();
    }
}
