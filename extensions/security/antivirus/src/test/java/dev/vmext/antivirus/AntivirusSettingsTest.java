package dev.vmext.antivirus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AntivirusSettingsTest {
    static AntivirusSettings settings(String json) {
        return settings(json, "{}");
    }

    static AntivirusSettings settings(String json, String secrets) {
        return AntivirusSettings.from(new Settings(0, (Json.Obj) Json.parse(json), (Json.Obj) Json.parse(secrets)));
    }

    @Test
    void nothingSaidMeansADailyScanWithoutADaemon() {
        AntivirusSettings settings = settings("{}");
        assertThat(settings.daemon()).isFalse();
        assertThat(settings.quarantines()).isTrue();
        assertThat(settings.signatures().kind()).isEqualTo(SignatureSource.Kind.OFFICIAL);
        assertThat(settings.scans())
                .containsExactly(new AntivirusSettings.ScheduledScan("daily", "*-*-* 03:00:00", 60, List.of("/")));
    }

    @Test
    void anEmptyListOfScansMeansNone() {
        assertThat(settings("{\"scans\": []}").scans()).isEmpty();
    }

    @Test
    void pathsAreTidied() {
        assertThat(settings("{\"exclusions\": {\"paths\": [\"/srv//data/\", \"/x\"]}}")
                        .exclusions()
                        .paths())
                .containsExactly("/srv/data", "/x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"signatures": {"source": "mirror"}}                                        | settings.signatures.mirrors: source mirror needs
            {"signatures": {"mirrors": ["http://a/"]}}                                  | settings.signatures.mirrors: it is used with source mirror only
            {"signatures": {"source": "package", "databases": ["http://a/b.hdb"]}}      | settings.signatures.databases: source package fetches nothing
            {"signatures": {"databases": ["http://a/b.txt"]}}                           | settings.signatures.databases[0]: it does not end with the name of a signature file
            {"signatures": {"databases": ["http://a/b.hdb", "http://c/b.hdb"]}}         | settings.signatures.databases[1]: another one has the same file name
            {"signatures": {"databases": ["http://u:p@a/b.hdb"]}}                       | settings.signatures.databases[0]: it is not an http or https address
            {"signatures": {"databases": ["http://a/b.hdb\\nRunAs root"]}}              | settings.signatures.databases[0]: it is not an http or https address
            {"signatures": {"proxy": {"host": "a b"}}}                                  | settings.signatures.proxy.host: it is not a host name
            {"signatures": {"calendar": "daily; rm -rf /"}}                             | settings.signatures.calendar: it is not a calendar expression
            {"scans": [{"name": "a"}]}                                                  | settings.scans[0].calendar: it is missing
            {"scans": [{"name": "on-demand", "calendar": "daily"}]}                     | settings.scans[0].name: on-demand is taken
            {"scans": [{"name": "a", "calendar": "daily"}, {"name": "a", "calendar": "daily"}]} | settings.scans[1].name: a is taken
            {"scans": [{"name": "../a", "calendar": "daily"}]}                          | settings.scans[0].name: it is not a name
            {"scans": [{"name": "a", "calendar": "daily", "paths": []}]}                | settings.scans[0].paths: it is empty
            {"scans": [{"name": "a", "calendar": "daily", "paths": ["home"]}]}          | settings.scans[0].paths[0]: it is not an absolute path
            {"scans": [{"name": "a", "calendar": "daily", "paths": ["/a/../b"]}]}       | settings.scans[0].paths[0]: it has .. in it
            {"scanNow": {}}                                                             | settings.scanNow.id: it is missing
            {"scanNow": {"id": "a b"}}                                                  | settings.scanNow.id: it is not an id
            {"exclusions": {"paths": ["/"]}}                                            | settings.exclusions.paths: it names /
            {"exclusions": {"patterns": ["a\\nb"]}}                                     | settings.exclusions.patterns[0]: it is not a pattern
            {"exclusions": {"signatures": ["a:b"]}}                                     | settings.exclusions.signatures[0]: it is not the name of a signature
            {"limits": {"maxFileMiB": 4096}}                                            | settings.limits.maxFileMiB: it is not a whole number from 1 to 2047
            {"quarantine": {"restore": ["../../etc"]}}                                  | settings.quarantine.restore[0]: it is not an id
            {"quarantine": {"restore": ["20260101-000000-0123abcd"], "delete": ["20260101-000000-0123abcd"]}} | settings.quarantine.delete: 20260101-000000-0123abcd is to be restored too
            {"mode": "resident"}                                                        | settings.mode: it is not one of on-demand, daemon
            {"onAccess": {"paths": ["/srv"]}}                                           | settings.onAccess: it needs mode daemon
            {"mode": "daemon", "onAccess": {"paths": ["/a b"]}}                         | settings.onAccess.paths[0]: clamd can watch only paths
            {"mode": "daemon", "onAccess": {"paths": ["/"], "prevention": true}}        | settings.onAccess.paths: prevention for / can stop
            {"resource": {}}                                                            | settings: there is no setting "resource"
            """)
    void refusesWhatCannotBeMeantAndSaysWhere(String json, String message) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOf(HandlerException.class)
                .hasMessageStartingWith("cannot use " + message);
    }

    @Test
    void aPasswordNeedsAProxyAndAUser() {
        String secret = "{\"proxyPassword\": \"hunter2\"}";
        assertThatThrownBy(() -> settings("{}", secret)).hasMessageContaining("there is no signatures.proxy");
        assertThatThrownBy(() -> settings("{\"signatures\": {\"proxy\": {\"host\": \"p\"}}}", secret))
                .hasMessageContaining("settings.signatures.proxy.username: it is missing");
        AntivirusSettings settings =
                settings("{\"signatures\": {\"proxy\": {\"host\": \"p\", \"username\": \"u\"}}}", secret);
        assertThat(settings.signatures().proxy().orElseThrow().password()).contains("hunter2");
        assertThat(settings.toString()).doesNotContain("hunter2");
    }
}
