package dev.vmext.intrusiondetection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationTest {
    @TempDir
    private Path folder;

    private static Map<String, String> files(String settings, String... controlPlane) {
        return Configuration.files(IntrusionSettingsTest.settings(settings), List.of(controlPlane));
    }

    @Test
    void whatIsExcludedIsExcludedForAideAndForTheQuickLookAlike() {
        Map<String, String> files = files("{\"integrity\":{\"paths\":[\"/etc\"],\"exclude\":[\"/etc/a.b*\"]}}");
        assertThat(files.get("aide.conf"))
                .contains(
                        "!/etc/a[.]b[^/]*(/|$)\n", "/etc(/|$) d VmextFolders\n", "/etc(/|$) f,l,p,s,b,c VmextFiles\n");
        assertThat(files.get("exclude")).isEqualTo("/etc/a[.]b[^/]*\n");
        assertThat(files.get("cover")).isEqualTo("watch /etc\nexclude /etc/a[.]b[^/]*\n");
    }

    @Test
    void theControlPlaneAndTheMachineItselfAreNeverAttackers() {
        assertThat(files("{\"attacks\":{\"ignore\":[\"10.9.0.0/16\"]}}", "10.0.2.2", "vmext.example")
                        .get("fail2ban/jail.conf"))
                .contains("ignoreip = 127.0.0.0/8 ::1 10.0.2.2 vmext.example 10.9.0.0/16\n", "ignoreself = true");
    }

    @Test
    void withoutBlockingThereIsNoActionButToTell() {
        assertThat(files("{}").get("fail2ban/jail.conf"))
                .contains(
                        "[sshd]\nenabled = true\nfilter = sshd\nbackend = systemd\nmaxretry = 5\nfindtime = 10m\nbantime = 10m\n")
                .contains("action = vmext-tell[name=sshd]\n")
                .doesNotContain("nftables");
    }

    @Test
    void blockingUsesATableOfItsOwnAndOnlyThePortsOfTheService() {
        assertThat(files("{\"attacks\":{\"blocking\":\"service\",\"jails\":[{\"service\":\"sshd\",\"ports\":[2222]},"
                                + "{\"service\":\"repeated\"}]}}")
                        .get("fail2ban/jail.conf"))
                .contains(
                        "nftables[type=multiport, table=vmext_intrusion_detection, chain=attackers, name=sshd, port=\"2222\", protocol=\"tcp\"]",
                        "nftables[type=allports, table=vmext_intrusion_detection, chain=attackers, name=repeated,");
    }

    @Test
    void whatIsSwitchedOffHasNoFilesAndNoUnits() {
        Map<String, String> files = files("{\"integrity\":{\"enabled\":false}}");
        assertThat(files).doesNotContainKeys("aide.conf", "watch");
        assertThat(files.get("units")).doesNotContain("check.timer").contains("attacks.service");
        files = files("{\"attacks\":{\"enabled\":false}}");
        assertThat(files.keySet()).noneMatch(name -> name.startsWith("fail2ban/"));
        assertThat(files.get("units")).contains("check.timer").doesNotContain("attacks.service");
    }

    @Test
    void everyUnitThatWorksHasLimits() {
        UnitFiles.files(IntrusionSettingsTest.settings("{\"resources\":{\"memoryMiB\":300,\"cpuPercent\":20}}"))
                .forEach((name, text) -> {
                    if (name.endsWith(".service") && !name.contains("metrics")) {
                        assertThat(text).as(name).contains("MemoryMax=300M\nCPUQuota=20%\n");
                    }
                });
    }

    @Test
    void theControlPlaneIsWhereTheAgentSaysItIs() throws Exception {
        Path file = folder.resolve("agent.json");
        Files.writeString(file, "{\"gateways\":[\"10.0.2.2:4320\",\"[fd00::1]:4320\",\"cp.example:4320\",\"a b:1\"]}");
        List<String> log = new ArrayList<>();
        assertThat(ControlPlane.find(file, Optional.of("10.0.2.2"), log::add))
                .containsExactly("10.0.2.2", "fd00::1", "cp.example");
        assertThat(log).hasSize(1);
        assertThat(ControlPlane.find(folder.resolve("none"), Optional.empty(), log::add))
                .isEmpty();
    }
}
