package dev.vmext.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccessSettingsTest {
    /** Made with ssh-keygen for this test; nobody has the private halves. */
    static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGW1oO3jCkYzWz3pXbWyGZ8dEs4m5w1ZQ3pXo2kB1uTj alice@example";

    static AccessSettings settings(String open) {
        return settings(open, "{}");
    }

    static AccessSettings settings(String open, String secret) {
        return AccessSettings.from(new Settings(1, (Json.Obj) Json.parse(open), (Json.Obj) Json.parse(secret)));
    }

    @Test
    void becomesFilesThatTheProgramReads() {
        Map<String, String> files = Wanted.files(
                settings("{\"accounts\":[{\"name\":\"alice\",\"uid\":2001,\"groups\":[\"adm\",\"adm\"],\"keys\":[\""
                        + KEY
                        + "\"],\"expires\":\"1970-01-11\",\"sudo\":\"all\"},{\"name\":\"bob\",\"enabled\":false,\"keys\":[\""
                        + KEY
                        + "\"],\"sudo\":\"all\"}],\"sudoRules\":[{\"groups\":[\"ops\"],\"runAs\":\"www\",\"commands\":[\"/bin/a"
                        + " x=1:2,3\",\"ALL\"],\"password\":false}]}"));
        assertThat(files)
                .containsEntry("accounts/alice/uid", "2001\n")
                .containsEntry("accounts/alice/groups", "adm\n")
                .containsEntry("accounts/alice/expires", "10\n")
                .containsEntry("keys/alice", KEY + "\n")
                .containsEntry("accounts/bob/enabled", "no\n")
                .doesNotContainKeys("keys/bob", "accounts/bob/expires", "accounts/bob/uid");
        assertThat(files.get("sudoers"))
                .endsWith("alice ALL=(ALL:ALL) ALL\n%ops ALL=(www) NOPASSWD: /bin/a x\\=1\\:2\\,3, ALL\n")
                .doesNotContain("bob");
    }

    @Test
    void limitsOfAKeyBecomeOptionsOfItsLine() {
        String line = Wanted.files(
                        settings(
                                "{\"accounts\":[{\"name\":\"a\",\"keys\":[{\"key\":\"" + KEY
                                        + "\",\"expires\":\"2027-01-31T18:00:00Z\",\"from\":[\"10.0.0.0/8\",\"!10.0.0.1\"],\"restrict\":true}]}]}"))
                .getOrDefault("keys/a", "");
        assertThat(line)
                .isEqualTo("restrict,expiry-time=\"20270131180000Z\",from=\"10.0.0.0/8,!10.0.0.1\" " + KEY + "\n");
    }

    @Test
    void secretsAreInNoText() {
        AccessSettings settings = settings(
                "{\"accounts\":[{\"name\":\"alice\"}]}", "{\"passwords\":{\"alice\":{\"value\":\"very secret\"}}}");
        assertThat(settings.toString() + settings.passwords() + Wanted.files(settings))
                .doesNotContain("very secret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"acounts\":[]} | {} | there is no setting \"acounts\"",
                "{\"accounts\":[{\"name\":\"Alice\"}]} | {} | settings.accounts[0].name: it is not a name of"
                        + " lower-case",
                "{\"accounts\":[{\"name\":\"-r\"}]} | {} | settings.accounts[0].name",
                "{\"accounts\":[{\"name\":\"a\"},{\"name\":\"a\"}]} | {} | accounts[1]: there is another account a",
                "{\"accounts\":[{\"name\":\"a\",\"fullName\":\"x:0:0\"}]} | {} | fullName",
                "{\"accounts\":[{\"name\":\"a\",\"uid\":0}]} | {} | whole number from 1",
                "{\"accounts\":[{\"name\":\"a\",\"home\":\"/home/../etc\"}]} | {} | has .. in it",
                "{\"accounts\":[{\"name\":\"a\",\"shell\":\"bash\"}]} | {} | absolute path",
                "{\"accounts\":[{\"name\":\"a\",\"expires\":\"31.1.2027\"}]} | {} | it is not a day, like",
                "{\"accounts\":[{\"name\":\"a\",\"expires\":\"2027-02-30\"}]} | {} | it is not a day, like",
                "{\"accounts\":[{\"name\":\"root\",\"enabled\":false}]} | {} | root cannot be locked",
                "{\"accounts\":[{\"name\":\"a\",\"sudo\":\"yes\"}]} | {} | it is not one of none, all",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[\"-----BEGIN OPENSSH PRIVATE KEY-----\"]}]} | {} | keys[0]:"
                        + " it is a private key",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[\"ssh-dss AAAA\"]}]} | {} | keys of type ssh-dss are not"
                        + " taken",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[\"ssh-rsa"
                        + " AAAAC3NzaC1lZDI1NTE5AAAAIGW1oO3jCkYzWz3pXbWyGZ8dEs4m5w1ZQ3pXo2kB1uTj\"]}]} | {} | another type"
                        + " than ssh-rsa",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGW1oO3jCk\"]}]} | {}"
                        + " | damaged or cut off",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[\"command=\\\"x\\\" ssh-ed25519 AAAA\"]}]} | {} | options"
                        + " are given beside it",
                "{\"sudoRules\":[{\"commands\":[\"ALL\"]}]} | {} | the rule would be for nobody",
                "{\"sudoRules\":[{\"users\":[\"a\"],\"commands\":[]}]} | {} | would allow nothing",
                "{\"sudoRules\":[{\"users\":[\"a\"],\"commands\":[\"apt\"]}]} | {} | ALL or an absolute path",
                "{\"sudoers\":\"x\\n  #includedir /tmp\"} | {} | includes other files",
                "{\"sudoers\":\"a\\r\\n\"} | {} | control characters",
                "{} | {\"passwords\":{\"a\":{\"value\":\"long enough\"}}} | that settings.accounts does not name",
                "{\"accounts\":[{\"name\":\"a\"}]} | {\"passwords\":{\"a\":{\"value\":\"short\"}}} | a text of 8 to"
                        + " 256",
                "{\"accounts\":[{\"name\":\"a\"}]} |"
                        + " {\"passwords\":{\"a\":{\"hash\":\"$1$abc$defdefdefdefdefdefdef\"}}} | a hash of mkpasswd",
                "{\"accounts\":[{\"name\":\"a\"}]} | {\"passwords\":{\"a\":{}}} | exactly one of value and hash",
                "{\"checkMinutes\":0} | {} | from 1 to 1440",
                "{\"homes\":\"archive\"} | {} | keep, delete",
            })
    void refusesWhatCannotBeRight(String open, String secret, String why) {
        assertThatThrownBy(() -> settings(open, secret))
                .isInstanceOf(HandlerException.class)
                .satisfies(e -> assertThat(((HandlerException) e).exitCode()).isEqualTo(53))
                .hasMessageContaining(why)
                .message()
                .doesNotContain("short\"");
    }

    @Test
    void aShortRsaKeyIsRefusedWithItsLength() {
        // 1024 bits: e and n of nobody's key.
        String n = "00" + "c1".repeat(128);
        String hex = "00000007" + "7373682d727361" + "00000003" + "010001" + "00000081" + n;
        String key = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
        assertThatThrownBy(() -> settings("{\"accounts\":[{\"name\":\"a\",\"keys\":[\"ssh-rsa " + key + "\"]}]}"))
                .hasMessageContaining("the RSA key has 1024 bits, and 2048 are needed");
    }
}
