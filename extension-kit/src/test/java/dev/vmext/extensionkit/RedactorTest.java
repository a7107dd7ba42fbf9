package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RedactorTest {
    private static Redactor of(String json) {
        return Redactor.forSettings(Json.parse(json));
    }

    @Test
    void masksEveryTextWhereverItStands() {
        Redactor redactor = of("{\"a\":\"hunter2\",\"b\":{\"c\":[\"pa ss\",123456,true,12]}}");
        assertThat(redactor.redact("x hunter2y pa ss 123456 true 12")).isEqualTo("x ***y *** *** true 12");
    }

    @Test
    void masksALongerSecretBeforeAShorterOneInsideIt() {
        assertThat(of("[\"abc\",\"abcdef\"]").redact("abcdef abc")).isEqualTo("*** ***");
    }

    @Test
    void masksTheEscapedForm() {
        assertThat(of("[\"a\\\"b\\\\c\"]").redact("{\"v\":\"a\\\"b\\\\c\"}")).isEqualTo("{\"v\":\"***\"}");
    }

    @Test
    void masksSingleLinesOfALongText() {
        assertThat(of("[\"-----BEGIN KEY-----\\nMIIEabcdef\\nfi\\n\"]").redact("+ MIIEabcdef; fi"))
                .isEqualTo("+ ***; fi");
    }

    @Test
    void masksTheRestOfASecretThatWasCut() {
        Redactor redactor = of("[\"topsecret\"]");
        assertThat(redactor.redactPiece("secret and more", true, false)).isEqualTo("*** and more");
        assertThat(redactor.redactPiece("more and topse", false, true)).isEqualTo("more and ***");
        assertThat(redactor.redactPiece("cr", true, true)).isEqualTo("cr");
        assertThat(redactor.redactPiece("opsecret", true, true)).isEqualTo("***");
        assertThat(redactor.redactPiece("nothing here", true, true)).isEqualTo("nothing here");
    }

    @Test
    void blankSecretsMaskNothing() {
        assertThat(of("[\"\",\" \"]").redact("a b")).isEqualTo("a b");
    }
}
