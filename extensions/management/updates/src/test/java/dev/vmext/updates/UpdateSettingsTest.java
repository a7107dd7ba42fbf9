package dev.vmext.updates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpdateSettingsTest {
    static UpdateSettings settings(String json) {
        return UpdateSettings.from(new Settings(0, (Json.Obj) Json.parse(json), Json.object()));
    }

    @Test
    void nothingSaidMeansSecurityUpdatesEveryNightWithoutARestart() {
        UpdateSettings settings = settings("{}");
        assertThat(settings.selection().security()).isTrue();
        assertThat(settings.selection().other()).isFalse();
        assertThat(settings.restarts()).isFalse();
        assertThat(settings.windows()).singleElement().satisfies(window -> {
            assertThat(window.start()).isEqualTo("03:00");
            assertThat(window.days()).hasSize(7);
            assertThat(UnitFiles.calendar(window, settings.timing()))
                    .isEqualTo("Mon,Tue,Wed,Thu,Fri,Sat,Sun *-*-* 03:00:00 UTC");
        });
    }

    @Test
    void noWindowsMeansThatUpdatesAreOnlyAssessed() {
        UpdateSettings settings = settings("{\"windows\": []}");
        assertThat(settings.windows()).isEmpty();
        assertThat(UnitFiles.files(settings).keySet()).noneMatch(name -> name.contains("window"));
    }

    @Test
    void aWindowBeginsInItsTimeZone() {
        UpdateSettings settings = settings("""
                {"timeZone": "Europe/Berlin", "windows": [{"name": "weekend", "days": ["Sun", "Sat"], "start": "22:30", "minutes": 180}]}""");
        assertThat(UnitFiles.files(settings).get("vmext-updates-window-weekend.timer"))
                .contains("OnCalendar=Sat,Sun *-*-* 22:30:00 Europe/Berlin\n")
                .contains("Unit=vmext-updates-install@weekend.service");
        assertThat(Configuration.files(settings, PackageManager.APT, List.of()).get("windows/weekend"))
                .isEqualTo("days Sat Sun\nstart 22:30\nminutes 180\nzone Europe/Berlin\n");
    }

    @Test
    void hooksAreFilesAndNeverShellText() {
        UpdateSettings settings = settings("{\"hooks\": {\"before\": \"exit 3 # $(x)\"}}");
        assertThat(Configuration.files(settings, PackageManager.APT, List.of()))
                .containsEntry("hooks/before", "exit 3 # $(x)")
                .doesNotContainKey("hooks/after");
        assertThat(UnitFiles.files(settings).values()).noneMatch(text -> text.contains("exit 3"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"classifications": ["all"]}                                     | settings.classifications: they are not of
            {"classifications": ["other", "other"]}                          | settings.classifications: one of them is there twice
            {"exclude": ["a b"]}                                             | settings.exclude[0]: it is not a pattern for names
            {"include": ["-o"]}                                              | settings.include[0]: it is not a pattern for names
            {"windows": [{"name": "now", "start": "03:00"}]}                 | settings.windows[0].name: now is taken
            {"windows": [{"name": "a"}]}                                     | settings.windows[0].start: it is missing
            {"windows": [{"name": "a", "start": "24:00"}]}                   | settings.windows[0].start: it is not a time of day
            {"windows": [{"name": "a", "start": "03:00", "days": []}]}       | settings.windows[0].days: they are not one or more
            {"windows": [{"name": "a", "start": "03:00", "minutes": 15}], "jitterMinutes": 10} | settings.marginMinutes: jitterMinutes and marginMinutes together
            {"timeZone": "Europe/Atlantis"}                                  | settings.timeZone: there is no time zone Europe/Atlantis
            {"timeZone": "UTC;x"}                                            | settings.timeZone: it is not the name of a time zone
            {"reboot": "always"}                                             | settings.reboot: it is not one of never, if-needed
            {"installNow": {}}                                               | settings.installNow.id: it is missing
            {"assessment": {"calendar": "a;b"}}                              | settings.assessment.calendar: it is not a calendar
            {"graceDays": {"security": -1}}                                  | settings.graceDays.security: it is not a whole number
            {"hooks": {"befor": "x"}}                                        | Did you mean before
            {"window": []}                                                   | Did you mean windows
            """)
    void refusesWithTheNameOfTheSetting(String json, String message) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOfSatisfying(
                        HandlerException.class, e -> assertThat(e.fullText()).contains(message));
    }
}
