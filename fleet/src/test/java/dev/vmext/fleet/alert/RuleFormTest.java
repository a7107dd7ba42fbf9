package dev.vmext.fleet.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.metrics.LabelMatcher;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RuleFormTest {
    static Stream<AlertRule> defaults() {
        return DefaultRules.all().stream();
    }

    @ParameterizedTest
    @MethodSource("defaults")
    void everyDefaultRuleSurvivesFormAndText(AlertRule rule) {
        assertThat(RuleForm.rule(rule.name(), RuleForm.form(rule))).isEqualTo(rule);
        assertThat(RuleForm.read(rule.name(), RuleForm.text(rule))).isEqualTo(rule);
    }

    @Test
    void defaultRulesHaveNamesOfTheirOwn() {
        assertThat(DefaultRules.all().stream().map(AlertRule::name)).doesNotHaveDuplicates();
    }

    private static AlertRuleWrite form(String kind, @Nullable String comparison, @Nullable Double limit, String where) {
        return new AlertRuleWrite(
                "{machine} is busy",
                null,
                "low",
                null,
                "load",
                List.of(where),
                null,
                null,
                null,
                kind,
                comparison,
                limit,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        AlertRule rule = RuleForm.rule("busy", form("threshold", ">", 4.0, "a=b"));
        assertThat(rule.condition().window()).hasMinutes(5);
        assertThat(rule.clears()).hasMinutes(1);
        assertThat(rule.lasts()).isZero();
        assertThat(rule.enabled()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "threshold | >    | 4  | mode      | \"mode\" is no condition on a label",
                "threshold | >    | 4  | mode=~(   | is not valid",
                "threshold | more | 4  | a=b       | it needs a comparison",
                "threshold | >    |    | a=b       | it needs a limit",
                "guess     | >    | 4  | a=b       | its kind is \"guess\"",
                "forecast  | >    | 4  | a=b       | a forecast needs aheadSeconds",
                "absence   | >    | 4  | a=b       | an absence has no comparison",
            })
    void saysWhatIsWrong(String kind, @Nullable String comparison, @Nullable Double limit, String where, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RuleForm.rule("busy", form(kind, comparison, limit, where)))
                .withMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "mode=idle, mode, idle, true",
        "mode=idle, mode, idler, false",
        "mode!=idle, mode, user, true",
        "fs=~ext4|xfs, fs, xfs, true",
        "fs=~ext4|xfs, fs, xfsx, false",
        "fs!~tmpfs|nfs.*, fs, nfs4, false",
        "fs!~tmpfs|nfs.*, fs, ext4, true",
        "other=, mode, idle, true",
        "a=x.y, a, xzy, false",
        "a=\"x\", a, x, true",
    })
    void matchersFitWholeValues(String matcher, String label, String value, boolean fits) {
        assertThat(LabelMatcher.parse(matcher).fits(Map.of(label, value))).isEqualTo(fits);
    }

    @Test
    void textsAreFilledIn() {
        Map<String, String> labels = Map.of("mountpoint", "/a$1");
        assertThat(AlertText.fill(
                        "{mountpoint} on {machine}: {value:percent}, {value}, {nobody}", "web", labels, 0.034))
                .isEqualTo("/a$1 on web: 3.4 %, 0.034, ?");
        assertThat(AlertText.number(1234567890.0)).isEqualTo("1.23e+09");
        assertThat(AlertText.number(12)).isEqualTo("12");
    }
}
