package dev.vmext.agent.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String NASTY = "p\u00e4ss \"w'o\\rd$`<&>/+=";

    private static Secrets knowing(String... values) {
        Secrets secrets = new Secrets();
        for (String value : values) {
            secrets.learnValue(value);
        }
        return secrets;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                NASTY,
                "p\u00e4ss \\\"w'o\\\\rd$`<&>/+=",
                "p\\u00e4ss \\\"w'o\\\\rd$`\\u003c\\u0026\\u003e/+=",
                "p\u00e4ss \"w'\\''o\\rd$`<&>/+=",
                "p\u00e4ss \"w'\"'\"'o\\rd$`<&>/+=",
                "p\u00e4ss \\\"w'o\\\\rd\\$\\`<&>/+=",
                "p\u00e4ss &quot;w&#39;o\\rd$`&lt;&amp;&gt;/+=",
                "p\u00e4ss &quot;w&#x27;o\\rd$`&lt;&amp;&gt;/+=",
                "p\u00e4ss &#34;w&#39;o\\rd$`&lt;&amp;&gt;/+=",
                "p%C3%A4ss%20%22w%27o%5Crd%24%60%3C%26%3E%2F%2B%3D",
                "p%c3%a4ss%20%22w%27o%5crd%24%60%3c%26%3e%2f%2b%3d",
            })
    void takesTheValueOutInEveryForm(String form) {
        String shown = knowing(NASTY).redact("before " + form + " after");
        assertThat(shown).isEqualTo("before [redacted] after");
    }

    @Test
    void takesItOutOfFormsOfTheLibraryThatWroteThem() {
        Secrets secrets = knowing(NASTY);
        assertThat(secrets.redact(URLEncoder.encode(NASTY, StandardCharsets.UTF_8)))
                .isEqualTo("[redacted]");
    }

    @Test
    void takesItOutOfBase64WhereverItBegins() {
        Secrets secrets = knowing("canary-4711-secret");
        for (String before : new String[] {"", "a", "ab", "abc", "user:"}) {
            for (String after : new String[] {"", "z", "zz"}) {
                byte[] bytes = (before + "canary-4711-secret" + after).getBytes(StandardCharsets.UTF_8);
                String shown = secrets.redact(Base64.getEncoder().encodeToString(bytes));
                String core = new String(
                        Base64.getDecoder().decode(padded(shown.replace("[redacted]", ""))),
                        StandardCharsets.ISO_8859_1);
                assertThat(shown).contains("[redacted]");
                assertThat(core).doesNotContain("canary").doesNotContain("4711");
            }
        }
    }

    private static String padded(String left) {
        String letters = left.replace("=", "");
        return letters.substring(0, letters.length() / 4 * 4);
    }

    @Test
    void shortValuesAreLeftAlone() {
        assertThat(knowing("yes").redact("yes, it says yes")).isEqualTo("yes, it says yes");
    }

    @Test
    void aSecretThatHoldsAnotherIsTakenOutWhole() {
        assertThat(knowing("hunter2", "hunter2-and-more").redact("hunter2-and-more hunter2"))
                .isEqualTo("[redacted] [redacted]");
    }

    @Test
    void piecesAreCutAnywhereAndNothingLeaks() {
        String secret = "canary-4711-secret";
        Secrets secrets = knowing(secret, NASTY);
        String text = "one " + secret + secret + " two " + NASTY + " canary-4711-secre three\n";
        byte[] whole = text.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= whole.length; cut++) {
            byte[] clean = secrets.mask(Arrays.copyOf(whole, cut));
            String shown = new String(clean, 0, clean.length - secrets.undecided(clean), StandardCharsets.ISO_8859_1);
            assertThat(new String(secrets.mask(whole), StandardCharsets.ISO_8859_1))
                    .startsWith(shown);
        }
    }

    @Test
    void withoutSecretsNothingIsHeldBack() {
        assertThat(new Secrets().undecided("hello".getBytes(StandardCharsets.UTF_8)))
                .isZero();
    }
}
