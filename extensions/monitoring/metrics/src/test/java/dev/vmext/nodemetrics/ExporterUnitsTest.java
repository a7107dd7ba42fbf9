package dev.vmext.nodemetrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ExporterUnitsTest {
    @Test
    void theExporterListensOnASocketThatOnlyRootMayOpen() {
        assertThat(ExporterUnits.socket()).contains("ListenStream=/run/vmext-metrics/node.sock\nSocketMode=0600\n");
        assertThat(ExporterUnits.service(Given.settings("{}")))
                .contains("--web.systemd-socket", "User=prometheus", "NoNewPrivileges=true")
                .doesNotContain("listen-address", "9100");
    }

    @Test
    void onlyTheChosenPartsAreLookedAt() {
        String all = ExporterUnits.service(Given.settings("{}"));
        assertThat(all)
                .contains("--collector.disable-defaults --collector.cpu --collector.diskstats --collector.filefd")
                .contains("\"--collector.systemd.unit-include=.*\\\\.service\"");
        String few = ExporterUnits.service(Given.settings("""
                {"collect": {"cpu": false, "services": false, "network": false, "disks": false}, "moreCollectors": ["arp"]}"""));
        assertThat(few)
                .contains("--collector.arp --collector.filefd --collector.filesystem --collector.meminfo")
                .doesNotContain("--collector.cpu", "systemd.unit", "netdev", "diskstats");
    }

    @Test
    void starsStandForAnythingAndNothingElseDoes() {
        assertThat(ExporterUnits.anyOf(List.of("a-b.service", "app@*.service")))
                .isEqualTo("a-b\\.service|app@.*\\.service");
        assertThat("axb.service".matches(ExporterUnits.anyOf(List.of("a.b.service"))))
                .isFalse();
        assertThat("app@7.service".matches(ExporterUnits.anyOf(List.of("x.service", "app@*.service"))))
                .isTrue();
    }

    @Test
    void wordsReachTheExporterAsTheyAre() {
        assertThat(ExporterUnits.quoted("--collector.cpu")).isEqualTo("--collector.cpu");
        assertThat(ExporterUnits.quoted("--x=^(a|b) \"$HOME\" %i\\d"))
                .isEqualTo("\"--x=^(a|b) \\\"$$HOME\\\" %%i\\\\d\"");
    }
}
