package dev.vmext.packageformat.manifest;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "vmext.Firewall",
                "Microsoft.Azure.Extensions.CustomScript",
                "Acme.MDE.Linux",
                "a.ChangeTracking-Linux"
            })
    void acceptsNamesOfTheField(String name) {
        assertThat(ExtensionName.of(name).text()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Firewall",
                ".Firewall",
                "a.",
                "a..b",
                "a/b.c",
                "../a.b",
                "a.b_c",
                "a.b c",
                "a.b\n",
                "-a.b",
                "a.-b",
                "ä.b",
                "a.b\0"
            })
    void refusesWhatIsNoNameOrCouldLeaveAFolder(String name) {
        refused(PackageProblem.INVALID_NAME, () -> ExtensionName.of(name));
    }

    @Test
    void refusesNamesTooLongForAFile() {
        refused(PackageProblem.INVALID_NAME, () -> ExtensionName.of("a." + "b".repeat(199)));
    }

    @Test
    void namespaceCoversWholePartsOnly() {
        ExtensionName name = ExtensionName.of("vmext.Firewall");
        assertThat(name.isIn("vmext")).isTrue();
        assertThat(name.isIn("vm")).isFalse();
        assertThat(name.isIn("vmext.Firewall")).isFalse();
        assertThat(ExtensionName.of("vmext.evil.Firewall").isIn("vmext")).isTrue();
        assertThat(ExtensionName.of("vmextevil.Firewall").isIn("vmext")).isFalse();
    }
}
