package dev.vmext.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class UsagesTest {
    @Test
    void addsTheTimesOfAShellAndItsChildren() {
        assertThat(Usages.ofRun("0m0.01s 0m0.02s\n1m2.50s 0m0.470s\n"))
                .isEqualTo(new Measured(false, 10 + 20 + 62_500 + 470, 0, 0, 0, 0));
    }

    @Test
    void prefersTheNumbersOfTheControlGroup() {
        assertThat(Usages.ofRun("""
                        0m0.01s 0m0.02s
                        0m0.00s 0m0.00s
                        cpu.stat usage_usec 1234567
                        cpu.stat user_usec 1000000
                        memory.peak 33554432
                        memory.current 4096
                        memory.events low 0
                        memory.events oom 3
                        memory.events oom_kill 2
                        pids.current 4
                        pids.events max 7
                        """)).isEqualTo(new Measured(true, 1234, 32 << 10, 4, 2, 7));
    }

    @Test
    void tornAndForeignLinesAreNothing() {
        assertThat(Usages.ofRun("")).isEqualTo(Measured.NOTHING);
        assertThat(Usages.ofRun("0m0.0\ncpu.stat usage_us\nmemory.peak max\n"))
                .isEqualTo(new Measured(true, 0, 0, 0, 0, 0));
    }

    @Test
    void namesOfSlicesHoldNoDashOfAnInstallation() {
        Confinement place =
                Confinement.of("my-web", "my-web-17-0", OptionalInt.of(50), OptionalInt.of(64), OptionalInt.of(20));
        assertThat(place.slice()).isEqualTo("vmext-my\\x2dweb.slice");
        assertThat(place.scope()).isEqualTo("vmext-my\\x2dweb\\x2d17\\x2d0.scope");
    }

    @Test
    void knowsTheVersionOfSystemd() {
        assertThat(Scopes.parseVersion("systemd 252 (252.38-1~deb12u1)\n+PAM")).isEqualTo(252);
        assertThat(Scopes.parseVersion("systemd 256~rc3")).isEqualTo(256);
        assertThat(Scopes.parseVersion("command not found")).isZero();
    }

    @Test
    void anOlderSystemdIsAskedAgainWithoutWhatItDoesNotKnow() {
        Scopes scopes = new Scopes(java.nio.file.Path.of("/none"));
        Confinement place = Confinement.of("a", "a-1", OptionalInt.of(50), OptionalInt.of(64), OptionalInt.of(20));
        assertThat(scopes.words(place))
                .contains("OOMPolicy=continue", "CPUQuota=50%", "MemoryMax=64M", "TasksMax=20")
                .endsWith("--");
        assertThat(scopes.refused("Failed to start transient scope unit: Access denied"))
                .isFalse();
        assertThat(scopes.refused("Unknown assignment: OOMPolicy=continue")).isTrue();
        assertThat(scopes.words(place)).doesNotContain("OOMPolicy=continue");
        assertThat(scopes.refused("Unknown assignment: OOMPolicy=continue")).isFalse();
    }
}
