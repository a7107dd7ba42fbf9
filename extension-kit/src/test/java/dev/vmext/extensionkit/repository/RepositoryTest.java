package dev.vmext.extensionkit.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RepositoryTest {
    private static final Gateway GATEWAY = new Gateway(
            Path.of("/config/gateway.json"),
            "https://g:1",
            "m-1",
            "nightly",
            Path.of("/ca.pem"),
            Path.of("/client.pem"));

    private static Repository repository(String open, String secret) {
        Settings settings = new Settings(0, (Json.Obj) Json.parse(open), (Json.Obj) Json.parse(secret));
        return Repository.from(
                settings,
                settings.publicFields(),
                new Repository.Place.ControlPlane(Optional.empty(), Optional.empty()));
    }

    @Test
    void nothingSaidIsTheControlPlanesOfThisVeryInstallation() {
        Map<String, String> files =
                repository("{}", "{\"repositoryPassword\": \"p\"}").files("/conf", Optional.of(GATEWAY));
        assertThat(files)
                .containsEntry("repository.path", "/v1/repositories/m-1/nightly/\n")
                .containsEntry("repository.gateway", "/config/gateway.json\n")
                .containsEntry("repository.password", "p\n")
                .doesNotContainKey("repository.url");
    }

    @Test
    void oneBehindSftpIsKnownByItsHostKeyAndOpenedWithAKeyOfItsOwn() {
        Map<String, String> files = repository(
                        "{\"repository\": {\"url\": \"sftp://u@h:2222//srv/r\", \"hostKeys\": [\"[h]:2222 ssh-ed25519 AAAA\"]}}",
                        "{\"repositoryPassword\": \"p\", \"sshKey\": \"KEY\"}")
                .files("/conf", Optional.empty());
        assertThat(files)
                .containsEntry("repository.ssh-key", "KEY\n")
                .containsEntry("repository.known-hosts", "[h]:2222 ssh-ed25519 AAAA\n");
        assertThat(files.get("repository.arguments"))
                .startsWith("-o\nsftp.command=ssh -i /conf/repository.ssh-key ")
                .contains("StrictHostKeyChecking=yes")
                .endsWith("-p 2222 u@h -s sftp\n");
    }

    @Test
    void anAddressWithAPasswordIsAProtectedSettingAndNeverShown() {
        Repository repository = repository(
                "{\"repository\": {}}",
                "{\"repositoryPassword\": \"p\", \"repositoryUrl\": \"rest:https://u:geheim@h/\"}");
        assertThat(repository.shown()).isEqualTo("rest:https://***@h/");
        assertThat(repository.toString()).doesNotContain("geheim");
        assertThat(repository.files("/conf", Optional.empty()).get("repository.url"))
                .isEqualTo("rest:https://u:geheim@h/\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                  | {}                                                     | protectedSettings.repositoryPassword: it is missing: the control plane
            {"repository": {"url": "/r"}}                       | {}                                                     | protectedSettings.repositoryPassword: it is missing or has several lines
            {"repository": {"url": "/r"}}                       | {"repositoryPassword": "a\\nb"}                        | protectedSettings.repositoryPassword: it is missing or has several lines
            {"repository": {}}                                  | {"repositoryPassword": "p"}                            | settings.repository: it has no url
            {}                                                  | {"repositoryPassword": "p", "repositoryUrl": "/r"}     | settings.repository: it is missing, and there are
            {"repository": {"url": "/r"}}                       | {"repositoryPassword": "p", "repositoryUrl": "/r"}     | settings.repository.url: the protected setting repositoryUrl says it too
            {"repository": {"url": "rest:http://u:p@h/"}}       | {"repositoryPassword": "p"}                            | settings.repository.url: it has a password in it
            {"repository": {"url": "/r\\n-o x"}}                | {"repositoryPassword": "p"}                            | settings.repository.url: it is none of
            {"repository": {"url": "sftp://h"}}                 | {"repositoryPassword": "p"}                            | settings.repository.url: an address of SFTP
            {"repository": {"url": "/r", "hostKeys": ["-x"]}}   | {"repositoryPassword": "p"}                            | settings.repository.hostKeys[0]: it is no line
            {"repository": {"url": "/r"}}                       | {"repositoryPassword": "p", "environment": {"PATH": "/x"}} | protectedSettings.environment.PATH: it is no name
            {"repository": {"url": "/r"}}                       | {"repositoryPassword": "p", "environment": {"RESTIC_REPOSITORY": "/x"}} | protectedSettings.environment.RESTIC_REPOSITORY: it is no name
            {"repository": {"url": "/r"}}                       | {"repositoryPassword": "p", "environment": {"A": "b\\nC=d"}} | protectedSettings.environment.A: it has control characters
            """)
    void refusesWhatCannotBeMeantAndSaysWhere(String open, String secret, String message) {
        assertThatThrownBy(() -> repository(open, secret))
                .isInstanceOf(HandlerException.class)
                .hasMessageStartingWith("cannot use " + message);
    }
}
