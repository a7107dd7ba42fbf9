package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.Header;
import dev.vmext.protocol.opamp.Headers;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.TelemetryConnectionSettings;
import dev.vmext.protocol.opamp.TlsCertificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsOfferTest {
    private static final String GATEWAY = "10.0.2.2:4320";

    private static OpampConnectionSettings at(String endpoint) {
        return new OpampConnectionSettings(endpoint, null, null, 60, null, null);
    }

    @Test
    void takesAHeartbeatFromItsOwnGateway() {
        assertThat(SettingsOffer.refusal(at(""), GATEWAY)).isEmpty();
        assertThat(SettingsOffer.refusal(at("wss://10.0.2.2:4320/v1/opamp"), GATEWAY))
                .isEmpty();
        assertThat(SettingsOffer.heartbeat(at(""))).isEqualTo(Duration.ofMinutes(1));
        assertThat(SettingsOffer.heartbeat(new OpampConnectionSettings("", null, null, Long.MAX_VALUE, null, null)))
                .isEqualTo(Duration.ofHours(1));
        assertThat(SettingsOffer.heartbeat(new OpampConnectionSettings("", null, null, -1, null, null)))
                .isZero();
    }

    @Test
    void goesNowhereElse() {
        assertThat(SettingsOffer.refusal(at("wss://evil.example/v1/opamp"), GATEWAY))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("agent.json").contains(GATEWAY));
    }

    @Test
    void takesNoCertificateUnasked() {
        assertThat(SettingsOffer.refusal(
                        new OpampConnectionSettings(
                                "", null, new TlsCertificate(Bytes.EMPTY, Bytes.EMPTY, Bytes.EMPTY), 60, null, null),
                        GATEWAY))
                .hasValueSatisfying(why -> assertThat(why).contains("certificate"));
        assertThat(SettingsOffer.refusal(
                        new OpampConnectionSettings(
                                "", new Headers(List.of(new Header("a", "b"))), null, 60, null, null),
                        GATEWAY))
                .isPresent();
    }

    private static TelemetryConnectionSettings metricsAt(String endpoint) {
        return new TelemetryConnectionSettings(endpoint, null, null, null, null);
    }

    @Test
    void metricsGoToItsOwnGatewayOrNowhere() {
        assertThat(SettingsOffer.refusal(metricsAt("https://10.0.2.2:4320/v1/metrics"), GATEWAY))
                .isEmpty();
        assertThat(SettingsOffer.takesMetrics(metricsAt("https://10.0.2.2:4320/v1/metrics")))
                .isTrue();
        assertThat(SettingsOffer.refusal(metricsAt(""), GATEWAY)).isEmpty();
        assertThat(SettingsOffer.takesMetrics(metricsAt(""))).isFalse();
        assertThat(SettingsOffer.refusal(metricsAt("https://evil.example/v1/metrics"), GATEWAY))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("agent.json").contains(GATEWAY));
        assertThat(SettingsOffer.refusal(
                        new TelemetryConnectionSettings(
                                "", new Headers(List.of(new Header("a", "b"))), null, null, null),
                        GATEWAY))
                .isPresent();
    }
}
