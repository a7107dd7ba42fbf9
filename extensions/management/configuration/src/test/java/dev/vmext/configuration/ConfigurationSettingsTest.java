package dev.vmext.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationSettingsTest {
    static ConfigurationSettings settings(String open) {
        return settings(open, "{}");
    }

    static ConfigurationSettings settings(String open, String secret) {
        return ConfigurationSettings.from(new Settings(1, (Json.Obj) Json.parse(open), (Json.Obj) Json.parse(secret)));
    }

    private static String playbook(String open) {
        return ((Source.Desired) settings(open).source()).state().playbook();
    }

    @Test
    void typedSettingsBecomeAPlaybookInAnOrderThatWorks() {
        String playbook = playbook(
                "{\"services\":[{\"name\":\"web.service\",\"running\":true,\"enabled\":true}],\"sysctl\":{\"vm.swappiness\":\"10\"},"
                        + "\"files\":[{\"path\":\"/etc/web\",\"state\":\"directory\"}],\"users\":[{\"name\":\"web\",\"system\":true,\"groups\":[\"adm\"]}],"
                        + "\"packages\":[{\"name\":\"nginx=1.22.1-9\",\"state\":\"present\"}]}");
        assertThat(playbook)
                .containsSubsequence(
                        "\"package nginx=1.22.1-9 present\"",
                        "\"user web\"",
                        "\"file /etc/web\"",
                        "\"sysctl vm.swappiness\"",
                        "\"service web.service\"")
                .contains(
                        "\"enabled\":true,\"state\":\"started\",\"daemon_reload\":true",
                        "\"append\":true",
                        "\"create_home\":false");
    }

    @Test
    void contentIsDataAndNeverATemplate() {
        assertThat(playbook("{\"files\":[{\"path\":\"/etc/x\",\"content\":\"{{ lookup('pipe','id') }}\"}]}"))
                .contains("\"content\":!unsafe \"{{ lookup('pipe','id') }}\"", "\"dest\":!unsafe \"/etc/x\"");
        assertThat(playbook("{\"files\":[{\"path\":\"/etc/{{x}}\",\"state\":\"absent\"}]}"))
                .contains("\"name\":\"file /etc/((x))\"");
    }

    @Test
    void whatYamlTakesAsALineBreakIsEscaped() {
        assertThat(playbook("{\"files\":[{\"path\":\"/etc/x\",\"content\":\"a\\u0085b\\u2028c\\u007fd\u00e4\"}]}"))
                .contains("\"content\":!unsafe \"a\\u0085b\\u2028c\\u007fd\u00e4\"");
    }

    @Test
    void listsOfPackagesAreFetchedOnlyWhereTheyDoNotKnowAPackage() {
        assertThat(playbook("{\"packages\":[{\"name\":\"curl\"}]}"))
                .containsSubsequence(
                        "\"block\":", "\"name\":\"curl\"", "\"rescue\":", "\"update_cache\":true", "\"name\":\"curl\"");
        assertThat(playbook("{\"packages\":[{\"name\":\"curl\",\"state\":\"absent\"}]}"))
                .doesNotContain("rescue", "cache");
    }

    @Test
    void noListAtAllIsNoSourceAndAnEmptyOneIs() {
        assertThatThrownBy(() -> settings("{}")).hasMessageContaining("the settings say nothing about it");
        assertThat(playbook("{\"files\":[]}")).contains("\"tasks\":[]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"playbok\":\"x\",\"playbook\":\"y\"} | {} | there is no setting \"playbok\"",
                "{\"playbook\":\"x\",\"files\":[]} | {} | name more than one source",
                "{\"playbook\":\"  \"} | {} | settings.playbook: it is empty",
                "{\"download\":{\"url\":\"http://h/p.yml\"}} | {} | settings.download.digest: it is missing",
                "{\"download\":{\"url\":\"http://u@h/p.yml\",\"digest\":\"x\"}} | {} | without a user in it",
                "{\"package\":{\"name\":\"../x\"}} | {} | settings.package.name",
                "{\"package\":{\"name\":\"x\",\"playbook\":\"../../etc/x.yml\"}} | {} | within the folder",
                "{\"files\":[{\"path\":\"/etc/../root/x\",\"content\":\"\"}]} | {} | settings.files[0].path",
                "{\"files\":[{\"path\":\"/etc/x\"}]} | {} | settings.files[0].content: it is missing",
                "{\"files\":[{\"path\":\"/etc/x\",\"content\":\"\",\"mode\":\"rw\"}]} | {} | octal",
                "{\"packages\":[{\"name\":\"--force\"}]} | {} | the name of a package",
                "{\"services\":[{\"name\":\"web.service\"}]} | {} | one of running, enabled and masked",
                "{\"services\":[{\"name\":\"web\",\"running\":true}]} | {} | the name of a unit",
                "{\"sysctl\":{\"a b\":\"1\"}} | {} | like net.ipv4.ip_forward",
                "{\"sysctl\":{\"net.ipv4.conf.*.rp_filter\":\"1\"}} | {} | like net.ipv4.ip_forward",
                "{\"sysctl\":{\"kernel.x\":1}} | {} | it is a number, not a text",
                "{\"files\":[],\"variables\":{\"ansible_user\":\"x\"}} | {} | Ansible's own",
                "{\"files\":[],\"variables\":{\"a\":1}} | {\"variables\":{\"a\":2}} | is in the public settings too",
                "{\"files\":[],\"mode\":\"check\",\"applyOnDrift\":true} | {} | it is check, and applyOnDrift",
                "{\"files\":[],\"mode\":\"check\",\"applyCalendar\":\"daily\"} | {} | it is check, and applyCalendar",
                "{\"files\":[],\"checkCalendar\":\"daily\\nPersistent=no\"} | {} | a calendar expression of systemd",
                "{\"files\":[]} | {\"downloadHeaders\":{\"A\":\"b\"}} | no settings.download",
                "{\"files\":[],\"timeoutSeconds\":7201} | {} | from 1 to 7200",
            })
    void refusesWhatCannotBeRight(String open, String secret, String why) {
        assertThatThrownBy(() -> settings(open, secret))
                .isInstanceOf(HandlerException.class)
                .satisfies(e -> assertThat(((HandlerException) e).exitCode()).isEqualTo(53))
                .hasMessageContaining(why);
    }
}
