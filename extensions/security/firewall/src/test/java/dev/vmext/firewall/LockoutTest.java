package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LockoutTest {
    private static final String ACCEPT_PRIVATE =
            "{\"name\":\"ok\",\"action\":\"accept\",\"direction\":\"out\",\"protocol\":\"tcp\",\"destinations\":[\"10.0.0.0/8\"]}";
    private static final String DROP = "{\"name\":\"all\",\"action\":\"drop\",\"direction\":\"out\"}";

    private static void check(String gateway, String settings) {
        Lockout.refuse(
                RuleCompilerTest.settings(settings), new ControlPlane(List.of(ControlPlane.Endpoint.parse(gateway))));
    }

    private static String rules(String... rules) {
        return "{\"controlPlanePorts\":[443],\"rules\":[" + String.join(",", rules) + "]}";
    }

    @Test
    void aRuleThatDropsTheWayOutIsNamed() {
        assertThatThrownBy(() -> check("10.0.2.2:4320", rules(DROP)))
                .hasMessage("cannot use settings.controlPlanePorts: the machine would lose its control plane at "
                        + "10.0.2.2:4320, because the rule all would drop it");
        assertThatThrownBy(
                        () -> check(
                                "10.0.2.2:4320",
                                rules(
                                        "{\"name\":\"g\",\"action\":\"reject\",\"direction\":\"out\",\"services\":[\"vmext-gateway\"]}")))
                .hasMessageContaining("the rule g would reject it");
        assertThatThrownBy(() -> check("10.0.2.2:4320", "{\"controlPlanePorts\":[443],\"defaultOutbound\":\"drop\"}"))
                .hasMessageContaining("defaultOutbound is drop");
        assertThatThrownBy(() -> check("10.0.2.2:4320", "{\"controlPlanePorts\":[443],\"allowEstablished\":false}"))
                .hasMessageContaining("its answers would be dropped");
    }

    @Test
    void whatDecidesFirstCounts() {
        assertThatCode(() -> check("10.0.2.2:4320", rules(ACCEPT_PRIVATE, DROP)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> check("10.0.2.2:4320", rules(DROP, ACCEPT_PRIVATE)))
                .hasMessageContaining("rule all");
        assertThatThrownBy(() -> check("192.0.2.1:4320", rules(ACCEPT_PRIVATE, DROP)))
                .hasMessageContaining("rule all");
    }

    @Test
    void whereItCannotBeKnownTheMachineStaysSafe() {
        assertThatThrownBy(() -> check("gw.example.com:4320", rules(ACCEPT_PRIVATE, DROP)))
                .hasMessageContaining("rule all");
        assertThatThrownBy(
                        () -> check(
                                "gw.example.com:4320",
                                rules(
                                        "{\"name\":\"some\",\"action\":\"drop\",\"direction\":\"out\",\"destinations\":[\"192.0.2.0/24\"]}")))
                .hasMessageContaining("rule some");
    }

    @Test
    void rulesAboutOtherPacketsDoNotMatter() {
        assertThatCode(
                        () -> check(
                                "10.0.2.2:4320",
                                rules(
                                        "{\"name\":\"a\",\"action\":\"drop\"}",
                                        "{\"name\":\"b\",\"action\":\"drop\",\"direction\":\"out\",\"services\":[\"smtp\"]}",
                                        "{\"name\":\"c\",\"action\":\"drop\",\"direction\":\"out\",\"protocol\":\"udp\"}",
                                        "{\"name\":\"d\",\"action\":\"drop\",\"direction\":\"out\",\"destinations\":[\"fd00::/8\"]}")))
                .doesNotThrowAnyException();
    }

    @Test
    void portsThatTheAgentUsesAreNeverRefused() {
        assertThatCode(() -> check(
                        "10.0.2.2:4320",
                        "{\"controlPlanePorts\":[4320],\"defaultOutbound\":\"drop\",\"allowEstablished\":false}"))
                .doesNotThrowAnyException();
        assertThatCode(() -> check("10.0.2.2:4320", "{\"defaultOutbound\":\"drop\",\"rules\":[" + DROP + "]}"))
                .doesNotThrowAnyException();
    }

    @Test
    void advisesAboutRulesThatNeverDecide() {
        assertThat(Advice.about(RuleCompilerTest.settings(
                        "{\"rules\":[{\"name\":\"net\",\"action\":\"drop\",\"protocol\":\"tcp\",\"sources\":[\"10.0.0.0/8\"],\"ports\":[\"1-100\"]},"
                                + "{\"name\":\"ssh\",\"action\":\"accept\",\"services\":[\"ssh\"],\"sources\":[\"10.1.0.0/16\"]},"
                                + "{\"name\":\"web\",\"action\":\"accept\",\"services\":[\"http\",\"https\"],\"sources\":[\"10.1.0.0/16\"]},"
                                + "{\"name\":\"far\",\"action\":\"accept\",\"services\":[\"ssh\"]}]}")))
                .containsExactly("The rule ssh never decides: the rule net (drop) before it fits all of its packets.");
        assertThat(Advice.about(RuleCompilerTest.settings("{}"))).anyMatch(a -> a.contains("by SSH neither"));
        assertThat(Advice.about(RuleCompilerTest.settings("{\"defaultInbound\":\"accept\",\"confirmSec\":0}")))
                .singleElement()
                .asString()
                .contains("confirmSec is 0");
    }

    @Test
    void understandsHowGatewaysAreWritten() {
        assertThat(ControlPlane.Endpoint.parse("[fd00::1]:4320").findAddress()).contains(Cidr.parse("fd00::1"));
        assertThat(ControlPlane.Endpoint.parse("gw.example.com:443").text()).isEqualTo("gw.example.com:443");
        for (String wrong : List.of("host", ":1", "a b:1", "a;b:1", "a:0", "a:99999", "a:x", "'a:1")) {
            assertThatThrownBy(() -> ControlPlane.Endpoint.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
