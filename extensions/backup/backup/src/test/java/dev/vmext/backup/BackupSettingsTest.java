package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BackupSettingsTest {
    static BackupSettings settings(String json) {
        return settings(json, "{\"repositoryPassword\": \"p\"}");
    }

    static BackupSettings settings(String json, String secrets) {
        return BackupSettings.from(new Settings(0, (Json.Obj) Json.parse(json), (Json.Obj) Json.parse(secrets)));
    }

    @Test
    void allOfAMachineIsWithoutWhatIsNoData() {
        BackupSettings settings = settings("{\"sources\": [\"/\"], \"exclude\": [\"*.iso\"]}");
        Map<String, String> files = settings.files("/conf", Map.of(), "nightly", 7);
        assertThat(files.get("exclude")).startsWith("*.iso\n/proc\n/sys\n").endsWith("/var/tmp\n");
        assertThat(files.get("values")).contains("installation nightly\n", "maxAgeHours 26\n", "enabledAt 7\n");
    }

    @Test
    void aDumpSaysWhatItsProgramNeeds() {
        assertThat(settings("{\"dumps\": [{\"type\": \"postgresql\", \"databases\": [\"shop\"], \"port\": 5433}]}")
                        .dumps()
                        .getFirst()
                        .plan())
                .isEqualTo("type postgresql\nuser postgres\nport 5433\ndatabase shop\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                    | settings.sources: it is missing, and there are no dumps
            {"sources": ["srv"]}                                                  | settings.sources[0]: it is not an absolute path
            {"sources": ["/a/../b"]}                                              | settings.sources[0]: it has .. in it
            {"sources": ["/a\\nb"]}                                               | settings.sources[0]: it is not an absolute path
            {"sources": ["/a"], "exclude": [""]}                                  | settings.exclude[0]: it is not a pattern
            {"sources": ["/a"], "schedule": {"calendar": "x; rm"}}                | settings.schedule.calendar: it is not a calendar expression
            {"sources": ["/a"], "schedule": {"everyMinutes": 30}}                 | settings.schedule.everyMinutes: it is used with when: every only
            {"sources": ["/a"], "schedule": {"when": "every", "calendar": "daily"}} | settings.schedule.calendar: it is used with when: calendar only
            {"sources": ["/a"], "schedule": {"window": {"from": "22:00"}}}        | settings.schedule.window.to: it is missing
            {"sources": ["/a"], "schedule": {"window": {"from": "25:00", "to": "06:00"}}} | settings.schedule.window.from: it is not a time
            {"sources": ["/a"], "schedule": {"window": {"from": "06:00", "to": "06:00"}}} | settings.schedule.window.to: it is the same as from
            {"sources": ["/a"], "limits": {"memoryMiB": 64}}                      | settings.limits.memoryMiB: restic needs at least 128
            {"sources": ["/a"], "hooks": {"pre": ""}}                             | settings.hooks.pre: it is empty
            {"dumps": [{"type": "oracle"}]}                                       | settings.dumps[0].type: it is not one of postgresql, mysql
            {"dumps": [{"type": "mysql"}, {"type": "mysql"}]}                     | settings.dumps[1].name: mysql is taken
            {"dumps": [{"type": "mysql", "databases": ["a b"]}]}                  | settings.dumps[0].databases[0]: it is not a name
            {"dumps": [{"type": "postgresql", "defaultsFile": "/x"}]}             | settings.dumps[0].defaultsFile: it is used with type mysql only
            {"sources": ["/a"], "snapshot": {"mode": "zfs"}}                      | settings.snapshot.mode: it is not one of none, auto, required
            {"sources": ["/a"], "repository": {"url": "ftp://x"}}                 | settings.repository.url: it is none of s3:
            {"sources": ["/a"], "repository": {"url": "rest:https://u:p@h/"}}     | settings.repository.url: it has a password in it
            {"sources": ["/a"], "repository": {"url": "sftp://u@h/x"}}            | settings.repository.url: SFTP needs the protected setting sshKey
            {"sources": ["/a"], "repository": {"caCertificate": "x"}}             | settings.repository.caCertificate: it is no certificate
            {"sources": ["/a"], "repository": {}}                                 | settings.repository: it has no url
            {"sources": ["/a"], "now": "a b"}                                     | settings.now: it is not a word
            {"source": ["/a"], "sources": ["/a"]}                                 | settings: there is no setting "source"
            """)
    void refusesWhatCannotBeMeantAndSaysWhere(String json, String message) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOf(HandlerException.class)
                .hasMessageStartingWith("cannot use " + message);
    }

    @Test
    void secretsAreCheckedAndNeverShown() {
        assertThatThrownBy(() -> settings("{\"sources\": [\"/a\"]}", "{}"))
                .hasMessageContaining("protectedSettings.repositoryPassword: it is missing: the control plane adds it");
        String secrets = "{\"repositoryPassword\": \"p\", \"environment\": {\"%s\": \"geheim\"}}";
        String own = "{\"sources\": [\"/a\"], \"repository\": {\"url\": \"s3:https://h/b\"}}";
        assertThatThrownBy(() -> settings(own, secrets.formatted("LD_PRELOAD")))
                .hasMessageContaining("environment.LD_PRELOAD: it is no name");
        assertThatThrownBy(() -> settings("{\"sources\": [\"/a\"]}", secrets.formatted("AWS_X")))
                .hasMessageContaining("settings.repository: it is missing, and there are environment");
        BackupSettings settings = settings(own, secrets.formatted("AWS_SECRET_ACCESS_KEY"));
        assertThat(settings.toString()).doesNotContain("geheim");
        assertThat(settings.repository()
                        .files("/conf", java.util.Optional.empty())
                        .get("repository.environment"))
                .isEqualTo("AWS_SECRET_ACCESS_KEY=geheim\n");
    }
}
