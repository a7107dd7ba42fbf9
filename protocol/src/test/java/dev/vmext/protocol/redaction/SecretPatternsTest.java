package dev.vmext.protocol.redaction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretPatternsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "password=hunter2hunter2",
                "\"dbPassword\": \"hunter2hunter2\"",
                "export API_KEY='hunter2hunter2'",
                "Authorization: Bearer hunter2hunter2",
                "curl -H 'authorization: hunter2hunter2'",
                "https://user:hunter2hunter2@example.com/x",
                "mysql --password=hunter2hunter2 -u x",
                "tool --auth-token hunter2hunter2",
                "-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nhunter2hunter2",
                "{\"protectedSettings\": \"hunter2hunter2\"}",
            })
    void takesOutWhatLooksLikeASecret(String text) {
        assertThat(SecretPatterns.redact("before " + text + " after\n"))
                .doesNotContain("hunter2")
                .contains("before");
    }

    @Test
    void leavesOrdinaryLinesAlone() {
        String line = "2026-01-01T00:00:00Z INFO StepRunner: enable of fw: ended with exit code 0\n";
        assertThat(SecretPatterns.redact(line)).isEqualTo(line);
    }
}
