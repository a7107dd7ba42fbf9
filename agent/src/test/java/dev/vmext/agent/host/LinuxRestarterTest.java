package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxRestarterTest {
    @TempDir
    Path machine;

    private final List<List<String>> called = new ArrayList<>();

    private LinuxRestarter restarter(String root) {
        return new LinuxRestarter(Path.of(root), machine, Map.of(), (command, environment) -> {
            called.add(command);
            return "";
        });
    }

    @Test
    void neverRestartsForAnAgentBelowAPrivateRoot() {
        assertThatThrownBy(() -> restarter("/srv/test").restart("an update"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/srv/test");
        assertThat(called).isEmpty();
    }

    @Test
    void tellsTheReasonInOneLine() throws Exception {
        Files.createDirectories(machine.resolve("run/systemd/system"));
        restarter("/").restart("installation web\nasked for it" + "!".repeat(500));
        assertThat(called).singleElement().satisfies(command -> {
            assertThat(command.getFirst()).isEqualTo("systemctl");
            assertThat(String.join(" ", command))
                    .contains("vmext: installation web asked for it!")
                    .hasSizeLessThan(300)
                    .endsWith(" reboot");
        });
    }

    @Test
    void asksTheOldWayWithoutSystemd() throws Exception {
        restarter("/").restart("an update");
        assertThat(called).containsExactly(List.of("shutdown", "-r", "now", "vmext: an update"));
    }

    @Test
    void leavesTheRestartOfAContainerToItsHost() throws Exception {
        Files.createDirectories(machine.resolve("run/systemd"));
        Files.writeString(machine.resolve("run/systemd/container"), "lxc\n");
        assertThatThrownBy(() -> restarter("/").restart("an update"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("lxc");
        assertThat(called).isEmpty();
    }
}
