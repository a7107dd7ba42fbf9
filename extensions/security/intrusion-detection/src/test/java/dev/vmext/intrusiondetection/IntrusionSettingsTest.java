package dev.vmext.intrusiondetection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import dev.vmext.intrusiondetection.IntrusionSettings.Blocking;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IntrusionSettingsTest {
    static IntrusionSettings settings(String json) {
        return IntrusionSettings.from(new Settings(0, (Json.Obj) Json.parse(json), Json.object()));
    }

    @Test
    void withoutSettingsFilesAndSshAreWatchedAndNobodyIsBlocked() {
        IntrusionSettings settings = settings("{}");
        assertThat(settings.integrity().enabled()).isTrue();
        assertThat(settings.integrity().paths()).isEqualTo(IntrusionSettings.PATHS);
        assertThat(settings.attacks().blocking()).isEqualTo(Blocking.OFF);
        assertThat(settings.attacks().jails()).hasSize(1);
        assertThat(settings.attacks().jails().getFirst().service()).isEqualTo(Service.SSHD);
        assertThat(settings.attacks().jails().getFirst().maxFailures()).isEqualTo(5);
    }

    @Test
    void aJailMayDifferFromWhatHoldsForAll() {
        var jails = settings("{\"attacks\":{\"maxFailures\":7,\"jails\":[{\"service\":\"sshd\",\"banMinutes\":60,"
                        + "\"ports\":[2222,\"8000-8100\"]},{\"service\":\"repeated\"}]}}")
                .attacks()
                .jails();
        assertThat(jails.getFirst().maxFailures()).isEqualTo(7);
        assertThat(jails.getFirst().banMinutes()).isEqualTo(60);
        assertThat(jails.getFirst().ports()).isEqualTo(List.of("2222", "8000:8100"));
        assertThat(jails.getLast().maxFailures()).isEqualTo(3);
        assertThat(jails.getLast().banMinutes()).isEqualTo(10_080);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"integrity\":{\"paths\":[\"etc\"]}} ; settings.integrity.paths[0]",
                "{\"integrity\":{\"paths\":[\"/etc/../root\"]}} ; settings.integrity.paths[0]",
                "{\"integrity\":{\"paths\":[\"/etc/a b\"]}} ; settings.integrity.paths[0]",
                "{\"integrity\":{\"paths\":[\"/proc/sys\"]}} ; holds no files that stay",
                "{\"integrity\":{\"paths\":[]}} ; settings.integrity.paths",
                "{\"integrity\":{\"exclude\":[\"/etc/(a|b)\"]}} ; settings.integrity.exclude[0]",
                "{\"integrity\":{\"lookSeconds\":5}} ; from 10 to 3600",
                "{\"integrity\":{\"accept\":{}}} ; settings.integrity.accept.id",
                "{\"integrity\":{\"path\":[]}} ; Did you mean paths",
                "{\"attacks\":{\"ignore\":[\"example.com\"]}} ; settings.attacks.ignore[0]",
                "{\"attacks\":{\"ignore\":[\"10.0.0.0/33\"]}} ; settings.attacks.ignore[0]",
                "{\"attacks\":{\"blocking\":true}} ; settings.attacks.blocking",
                "{\"attacks\":{\"jails\":[{\"service\":\"telnet\"}]}} ; settings.attacks.jails[0].service",
                "{\"attacks\":{\"jails\":[{\"service\":\"sshd\"},{\"service\":\"sshd\"}]}} ; is there twice",
                "{\"attacks\":{\"jails\":[{\"service\":\"sshd\",\"logs\":[\"/var/log/auth.log\"]}]}} ; in the journal",
                "{\"attacks\":{\"jails\":[{\"service\":\"sshd\",\"ports\":[\"9-8\"]}]}} ; settings.attacks.jails[0].ports[0]",
                "{\"integrity\":{\"enabled\":false},\"attacks\":{\"enabled\":false}} ; nothing would be done",
            })
    void whatIsWrongIsNamed(String json, String named) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOfSatisfying(
                        HandlerException.class, e -> assertThat(e.fullText()).contains(named))
                .extracting(e -> ((HandlerException) e).exitCode())
                .isEqualTo(53);
    }
}
