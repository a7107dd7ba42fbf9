package dev.vmext.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CertificateSettingsTest {
    static CertificateSettings settings(String json) {
        return settings(json, "{}");
    }

    static CertificateSettings settings(String json, String secrets) {
        return CertificateSettings.from(new Settings(0, (Json.Obj) Json.parse(json), (Json.Obj) Json.parse(secrets)));
    }

    @Test
    void aNameAndNamesAreEnough() {
        CertificateSettings settings =
                settings("{\"certificates\": [{\"name\": \"web\", \"names\": [\"www.example.org\"]}]}");
        assertThat(settings.certificates()).singleElement().satisfies(one -> {
            assertThat(one.byAcme()).isFalse();
            assertThat(one.lifeDays()).isEqualTo(30);
            assertThat(one.rights()).isEqualTo(new CertificateSettings.Rights("root", "root", "0600"));
        });
        assertThat(Configuration.files(settings, List.of()))
                .containsEntry("wanted/web/san", "DNS:www.example.org\n")
                .containsEntry("wanted/web/origin", "control-plane ec-p256 30\n")
                .doesNotContainKey("wanted/web/hook");
    }

    @Test
    void addressesHaveOneSpelling() {
        CertificateSettings settings =
                settings("{\"certificates\": [{\"name\": \"a\", \"names\": [\"2001:db8::1\", \"10.0.0.5\"]}]}");
        assertThat(settings.certificates().getFirst().names()).containsExactly("2001:db8:0:0:0:0:0:1", "10.0.0.5");
        assertThat(Configuration.files(settings, List.of()).get("wanted/a/san"))
                .isEqualTo("IP:2001:db8:0:0:0:0:0:1,IP:10.0.0.5\n");
    }

    @Test
    void credentialsOfAProviderAreLinesAndNothingElse() {
        CertificateSettings settings = settings(
                "{\"certificates\": [{\"name\": \"a\", \"names\": [\"*.example.org\"], \"issuer\": \"acme\"}], \"acme\": {\"email\": \"a@b.c\", \"termsAgreed\": true, \"challenge\": \"dns\", \"provider\": \"rfc2136\"}}",
                "{\"environment\": {\"RFC2136_TSIG_SECRET\": \"a$(b)'\\\"\"}}");
        assertThat(Configuration.files(settings, List.of()).get("acme/environment"))
                .isEqualTo("RFC2136_TSIG_SECRET=a$(b)'\"\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"certificates": [{"name": "a", "names": []}]}                                | certificates[0].names: there must be 1 to 50
            {"certificates": [{"name": "A", "names": ["a"]}]}                             | certificates[0].name: it is not a name
            {"certificates": [{"name": "a", "names": ["a"]}, {"name": "a", "names": ["b"]}]} | certificates[1].name: a is taken
            {"certificates": [{"name": "a", "names": ["a", "a"]}]}                        | certificates[0].names[1]: it is there twice
            {"certificates": [{"name": "a", "names": ["WWW.example.org"]}]}               | names[0]: it is no DNS name in small letters
            {"certificates": [{"name": "a", "names": ["*.org"]}]}                         | names[0]: it would be good for all names
            {"certificates": [{"name": "a", "names": ["a.*.org"]}]}                       | names[0]: it is no DNS name
            {"certificates": [{"name": "a", "names": ["1.2.3.400"]}]}                     | names[0]: it is no IP address
            {"certificates": [{"name": "a", "names": ["a"], "mode": "0644"}]}             | mode: it is not one of
            {"certificates": [{"name": "a", "names": ["a"], "lifeDays": 5, "renewBeforeDays": 5}]} | renewBeforeDays: it is not less than lifeDays
            {"certificates": [{"name": "a", "names": ["a"], "reloadUnits": ["a b"]}]}     | reloadUnits[0]: it is not one of
            {"certificates": [{"name": "a", "names": ["a"], "issuer": "acme"}]}           | settings.acme: it is missing
            {"certificates": [{"name": "a", "names": ["a"], "issuer": "acme", "lifeDays": 3}]} | lifeDays: an ACME server decides
            {"certificates": [{"name": "a", "names": ["*.b.c"], "issuer": "acme"}], "acme": {"email": "a@b.c", "termsAgreed": true}} | settings.acme.challenge: the certificate a has a name with *
            {"certificates": [{"name": "a", "names": ["1.2.3.4"], "issuer": "acme"}], "acme": {"email": "a@b.c", "termsAgreed": true}} | a has an address
            {"acme": {"email": "a@b.c"}}                                                  | settings.acme.termsAgreed: it must be true
            {"acme": {"email": "-a@b.c", "termsAgreed": true}}                            | settings.acme.email: it is not an address
            {"acme": {"email": "a@b.c", "termsAgreed": true, "server": "http://a/"}}      | settings.acme.server: it is not an https
            {"acme": {"email": "a@b.c", "termsAgreed": true, "challenge": "dns"}}         | settings.acme.provider: it is missing
            {"acme": {"email": "a@b.c", "termsAgreed": true, "challenge": "dns", "provider": "exec"}} | settings.acme.provider: it is not a DNS provider of lego other than exec
            {"acme": {"email": "a@b.c", "termsAgreed": true, "caCertificate": "x"}}       | settings.acme.caCertificate: it has no PEM
            {"hooks": {"web": "x"}}                                                       | settings.hooks: there is no certificate
            {"calendar": "a;b"}                                                           | settings.calendar: it is not a calendar
            {"certificate": []}                                                           | Did you mean certificates
            """)
    void refusesWithTheNameOfTheSetting(String json, String message) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOfSatisfying(
                        HandlerException.class, e -> assertThat(e.fullText()).contains(message));
    }

    @ParameterizedTest
    @CsvSource({"LD_PRELOAD", "EXEC_PATH", "LEGO_CA_CERTIFICATES", "PATH", "a_b"})
    void variablesThatChangeWhatRunsAreNone(String name) {
        assertThatThrownBy(() -> settings("{}", "{\"environment\": {\"" + name + "\": \"x\"}}"))
                .hasMessageContaining("is no variable of a DNS provider");
    }
}
