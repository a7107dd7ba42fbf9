package dev.vmext.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RestoreSettingsTest {
    static RestoreSettings settings(String json) {
        return RestoreSettings.from(
                new Settings(0, (Json.Obj) Json.parse(json), (Json.Obj) Json.parse("{\"repositoryPassword\": \"p\"}")));
    }

    @Test
    void nothingSaidMeansTheNewestOfEverythingInItsPlace() {
        RestoreSettings settings = settings("{\"from\": {\"machine\": \"m\", \"installation\": \"nightly\"}}");
        assertThat(settings.target()).isEqualTo("/");
        Map<String, String> files = settings.files(Map.of(), "r");
        assertThat(files.get("values"))
                .contains("snapshot latest\n", "overwrite always\n", "dryRun false\n", "verify true\n");
        assertThat(files.get("include")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                       | settings.from: it is missing
            {"from": {"installation": "b"}}                                          | settings.from.machine: it is missing
            {"from": {"machine": "m"}}                                               | settings.from.installation: it is missing
            {"from": {"machine": "m", "installation": "../x"}}                                   | settings.from.installation: it is not the name
            {"from": {"installation": "b", "machine": "a/b"}}                        | settings.from.machine: it is not the id
            {"from": {"machine": "m", "installation": "b"}, "repository": {"url": "/srv/r"}}         | settings.from: there is a repository of your own too
            {"from": {"machine": "m", "installation": "b"}, "snapshot": "yesterday"}                 | settings.snapshot: it is not latest
            {"from": {"machine": "m", "installation": "b"}, "target": "srv"}                         | settings.target: it is not an absolute path
            {"from": {"machine": "m", "installation": "b"}, "target": "/a/../b"}                     | settings.target: it has .. in it
            {"from": {"machine": "m", "installation": "b"}, "include": ["a\\nb"]}                    | settings.include[0]: it is not a path
            {"from": {"machine": "m", "installation": "b"}, "overwrite": "ask"}                      | settings.overwrite: it is not one of always, if-newer, never
            {"from": {"machine": "m", "installation": "b"}, "dryrun": true}                          | settings: there is no setting "dryrun"
            """)
    void refusesWhatCannotBeMeantAndSaysWhere(String json, String message) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOf(HandlerException.class)
                .hasMessageStartingWith("cannot use " + message);
    }
}
