package dev.vmext.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks what the owner allows gets one answer, also where the trust file cannot be read. */
class ModeInForceTest {
    @TempDir
    Path root;

    @Test
    void aTrustFileThatCannotBeReadAllowsNothingWhoeverAsks() throws Exception {
        Places places = new Places(root);
        Files.createDirectories(places.trustFile().getParent());
        Files.writeString(places.trustFile(), "{ this is no trust file");
        PackageStore packages = new PackageStore(places.packages(), places.trustFile(), (path, into, size, atMost) -> {
            throw new IOException("nothing is fetched here");
        });
        ModeInForce read = ModeInForce.of(() -> TrustFile.read(places.trustFile()));
        assertThat(read.mode()).isEqualTo(TrustMode.OBSERVE);
        assertThat(read.problem()).isNotBlank();
        assertThat(new OwnersMode(packages).now()).isEqualTo(TrustMode.OBSERVE);
        Secrets secrets = new Secrets();
        assertThat(new OwnersWord(packages, secrets).refusesCommands()).hasValueSatisfying(cause -> {
            assertThat(cause.kind()).isEqualTo(CauseClass.TRUST);
            assertThat(cause.evidence()).containsEntry("mode", "observe");
        });
    }
}
