package dev.vmext.nodemetrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.monitoring.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MetricsSettingsTest {
    @Test
    void withoutSettingsAllPartsOfTheMachineAreMeasuredEveryMinute() {
        MetricsSettings settings = Given.settings("{}");
        assertThat(settings.groups()).containsExactly(Group.values());
        assertThat(settings.services()).containsExactly("*.service");
        assertThat(settings.applications()).isEmpty();
        assertThat(settings.node())
                .isEqualTo(new Endpoint(
                        "node",
                        new Endpoint.Address.Socket("/run/vmext-metrics/node.sock", "/metrics"),
                        60,
                        10,
                        2000,
                        List.of(),
                        List.of(),
                        Map.of()));
    }

    @Test
    void readsEverySetting() {
        MetricsSettings settings = Given.settings("""
                {"collect": {"disks": false}, "services": ["nginx.service", "app@*.service"], "moreCollectors": ["timex", "arp"],
                 "ignore": {"disks": "^sr", "mountPoints": "^/mnt", "fileSystemTypes": "^tmpfs$", "networkDevices": "^veth"},
                 "machine": {"intervalSec": 15, "timeoutSec": 3, "maxSeries": 50, "keep": ["node_.*"], "drop": ["node_arp_.*"],
                             "labels": {"rack": "7"}},
                 "applications": [
                   {"name": "shop", "url": "https://localhost:8443/metrics", "intervalSec": 5, "timeoutSec": 5},
                   {"name": "db", "socket": "/run/db.sock", "path": "/stats"}]}""");
        assertThat(settings.groups()).doesNotContain(Group.DISKS).contains(Group.CPU);
        assertThat(settings.more()).containsExactly("arp", "timex");
        assertThat(settings.ignore()).isEqualTo(new MetricsSettings.Ignored("^sr", "^/mnt", "^tmpfs$", "^veth"));
        assertThat(settings.node().drop()).containsExactly("node_arp_.*");
        assertThat(settings.node().labels()).isEqualTo(Map.of("rack", "7"));
        assertThat(settings.applications())
                .extracting(Endpoint::address)
                .containsExactly(
                        new Endpoint.Address.Url("https://localhost:8443/metrics"),
                        new Endpoint.Address.Socket("/run/db.sock", "/stats"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"collekt": {}} | there is no setting "collekt". Did you mean collect?
            {"collect": {"disk": true}} | there is no setting "disk". Did you mean disks?
            {"collect": {"cpu": "no"}} | settings.collect.cpu: it is a text, not true or false
            {"services": []} | set collect.services to false
            {"services": ["a.service", "b c"]} | settings.services[1]: it is no name of a unit
            {"moreCollectors": ["perf"]} | there is no "perf"; known are arp,
            {"ignore": {"disks": "(", "x": 1}} | settings.ignore.disks: it is no regular expression: Unclosed group
            {"machine": {"intervalSec": 4}} | it is not a whole number from 5 to 86400
            {"machine": {"intervalSec": 10, "timeoutSec": 11}} | it is not a whole number from 1 to 10
            {"machine": {"labels": {"machine": "x"}}} | the label machine is set by vmext itself
            {"machine": {"keep": ["["]}} | "[" is no regular expression
            {"applications": [{"name": "node", "url": "http://a/"}]} | this name is taken by the machine's own metrics
            {"applications": [{"name": "a"}]} | needs either url or socket
            {"applications": [{"name": "a", "url": "http://a/", "socket": "/a"}]} | needs either url or socket, not both
            {"applications": [{"name": "a", "url": "http://me:word@a/"}]} | settings.applications[0].url: the address must look like
            {"applications": [{"name": "a", "url": "http://a/", "path": "/m"}]} | it belongs to socket
            {"applications": [{"name": "a", "socket": "run/a"}]} | settings.applications[0].socket: the socket must be an absolute path
            {"applications": [{"name": "A", "url": "http://a/"}]} | cannot use settings.applications[0]: the name must be lower-case
            """)
    void whatIsWrongIsNamedWithItsPlace(String json, String message) {
        assertThatThrownBy(() -> Given.settings(json))
                .isInstanceOfSatisfying(
                        HandlerException.class, e -> assertThat(e.fullText()).contains(message));
    }

    @Test
    void refusesTwoApplicationsOfOneNameAndNothingToDo() {
        assertThatThrownBy(
                        () -> Given.settings(
                                "{\"applications\": [{\"name\": \"a\", \"url\": \"http://a/\"}, {\"name\": \"a\", \"url\": \"http://b/\"}]}"))
                .hasMessageContaining("two applications have this name");
        assertThatThrownBy(() -> Given.settings("""
                        {"collect": {"cpu": false, "memory": false, "disks": false, "fileSystems": false, "network": false,
                         "pressure": false, "services": false, "system": false}}""")).hasMessageContaining("nothing is left to measure");
    }
}
