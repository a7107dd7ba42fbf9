package dev.vmext.antivirus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigurationTest {
    private static Map<String, String> files(String json) {
        AntivirusSettings settings = AntivirusSettingsTest.settings(json);
        return Configuration.files(settings, MemoryBudget.of(4096, settings));
    }

    private static Map<String, String> units(String json) {
        AntivirusSettings settings = AntivirusSettingsTest.settings(json);
        return UnitFiles.files(settings, MemoryBudget.of(4096, settings));
    }

    @Test
    void theOfficialSourceAsksThePublicServers() {
        assertThat(files("{}").get("freshclam.conf"))
                .contains(
                        "DatabaseMirror database.clamav.net\n",
                        "DNSDatabaseInfo current.cvd.clamav.net\n",
                        "DatabaseDirectory /var/lib/vmext-antivirus/db\n")
                .doesNotContain("PrivateMirror", "Proxy");
        assertThat(files("{}").get("values")).contains("signatures.public true\n");
    }

    @Test
    void mirrorsReplaceThePublicServers() {
        String text = files(
                        "{\"signatures\": {\"source\": \"mirror\", \"mirrors\": [\"https://m1/clamav\", \"http://m2\"],"
                                + "\"databases\": [\"http://m2/own.ndb\"], \"proxy\": {\"host\": \"proxy.example\", \"port\": 8080}}}")
                .get("freshclam.conf");
        assertThat(text)
                .contains(
                        "PrivateMirror https://m1/clamav\nPrivateMirror http://m2\n",
                        "DatabaseCustomURL http://m2/own.ndb\n",
                        "HTTPProxyServer proxy.example\nHTTPProxyPort 8080\n")
                .doesNotContain("DatabaseMirror", "DNSDatabaseInfo", "ExcludeDatabase");
    }

    @Test
    void aMirrorOfOwnSignaturesAloneAsksForNoPublicOnes() {
        Map<String, String> files =
                files("{\"signatures\": {\"source\": \"mirror\", \"databases\": [\"http://m:81/av/own.ndb\"]}}");
        assertThat(files.get("freshclam.conf"))
                .contains(
                        "PrivateMirror http://m:81\n",
                        "ExcludeDatabase main\nExcludeDatabase daily\nExcludeDatabase bytecode\n");
        assertThat(files.get("databases")).isEqualTo("own.ndb\n");
        assertThat(files.get("values")).contains("signatures.public false\n");
    }

    @Test
    void packagesNeedNoFreshclam() {
        assertThat(files("{\"signatures\": {\"source\": \"package\"}}")).doesNotContainKey("freshclam.conf");
    }

    @Test
    void eachScanHasATimerAndAListOfPaths() {
        String json =
                "{\"scans\": [{\"name\": \"home\", \"calendar\": \"Sun 02:00\", \"jitterMinutes\": 5, \"paths\": [\"/home\", \"/srv/a b\"]}],"
                        + "\"scanNow\": {\"id\": \"x1\", \"paths\": [\"/opt\"]}}";
        assertThat(files(json))
                .containsEntry("scans/home/paths", "/home\n/srv/a b\n")
                .containsEntry("scans/on-demand/paths", "/opt\n")
                .containsEntry("scans/on-demand/id", "x1\n");
        assertThat(units(json).get("vmext-antivirus-scan-home.timer"))
                .contains(
                        "OnCalendar=Sun 02:00\n",
                        "RandomizedDelaySec=5m\n",
                        "Persistent=true\n",
                        "Unit=vmext-antivirus-scan@home.service\n");
        assertThat(UnitFiles.expected(AntivirusSettingsTest.settings(json)))
                .containsExactly(
                        "vmext-antivirus-metrics.socket",
                        "vmext-antivirus-signatures.path",
                        "vmext-antivirus-update.timer",
                        "vmext-antivirus-scan-home.timer");
    }

    @Test
    void scansHaveLimits() {
        assertThat(units("{\"resources\": {\"memoryMiB\": 700, \"cpuPercent\": 50}}")
                        .get("vmext-antivirus-scan@.service"))
                .contains("MemoryMax=700M\n", "CPUQuota=50%\n", "Nice=19\n", "bin/scan %i\n", "PrivateNetwork=true\n");
        assertThat(files("{\"limits\": {\"maxFileMiB\": 7, \"archives\": false, \"maxSecondsPerFile\": 3}}")
                        .get("clamscan.arguments"))
                .contains("--max-filesize=7M\n", "--scan-archive=no\n", "--max-scantime=3000\n", "--detect-pua=no\n");
    }

    @Test
    void aDaemonHasItsOwnUnitAndOnAccessHangsOnIt() {
        String json = "{\"mode\": \"daemon\", \"signatures\": {\"source\": \"package\"},"
                + "\"onAccess\": {\"paths\": [\"/srv\"]}, \"exclusions\": {\"paths\": [\"/srv/a\", \"/srv/a b\"]}}";
        assertThat(files(json).get("clamd.conf"))
                .contains("OnAccessIncludePath /srv\nOnAccessExcludePath /srv/a\n", "OnAccessPrevention no\n")
                .doesNotContain("a b");
        assertThat(units(json).get("vmext-antivirus-onaccess.service"))
                .contains("BindsTo=vmext-antivirus-clamd.service");
    }

    @Test
    void ignoredSignaturesAreWrittenAsClamavNamesThem() {
        assertThat(Configuration.ignored(AntivirusSettingsTest.settings(
                        "{\"exclusions\": {\"signatures\": [\"Acme.Tool.UNOFFICIAL\", \"PUA.Win-1\"]}}")))
                .isEqualTo("Acme.Tool\nPUA.Win-1\n");
    }

    @Test
    void aDaemonThatDoesNotFitIsRefusedWithTheFigures() {
        AntivirusSettings official = AntivirusSettingsTest.settings("{\"mode\": \"daemon\"}");
        assertThatThrownBy(() -> MemoryBudget.of(1024, official).refuseDaemonThatDoesNotFit())
                .isInstanceOf(HandlerException.class)
                .hasMessageContaining("daemon needs 1300 MiB for these signatures and 512 MiB for everything else")
                .hasMessageContaining("1024 MiB");
        MemoryBudget.of(4096, official).refuseDaemonThatDoesNotFit();
        AntivirusSettings own =
                AntivirusSettingsTest.settings("{\"mode\": \"daemon\", \"signatures\": {\"source\": \"package\"}}");
        MemoryBudget.of(1024, own).refuseDaemonThatDoesNotFit();
    }

    @Test
    void scansThatWillHardlyFitAreWarnedAbout() {
        AntivirusSettings official = AntivirusSettingsTest.settings("{}");
        assertThat(MemoryBudget.of(1024, official).warning()).get().asString().contains("768 MiB", "1300 MiB");
        assertThat(MemoryBudget.of(1024, official).limitMiB()).isEqualTo(768);
        assertThat(MemoryBudget.of(8192, official).limitMiB()).isEqualTo(1536);
        assertThat(MemoryBudget.of(8192, official).warning()).isEmpty();
    }
}
