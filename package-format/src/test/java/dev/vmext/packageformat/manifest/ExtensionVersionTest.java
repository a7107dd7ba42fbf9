package dev.vmext.packageformat.manifest;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionVersionTest {
    @Test
    void ordersNumberByNumber() {
        assertThat(List.of("1.10", "1.9.1", "1.9", "1.9.0.1", "2", "0.9").stream()
                        .map(ExtensionVersion::of)
                        .sorted()
                        .map(ExtensionVersion::text))
                .containsExactly("0.9", "1.9", "1.9.0.1", "1.9.1", "1.10", "2");
    }

    @Test
    void missingPartsCountAsZeroAndTheTextStays() {
        assertThat(ExtensionVersion.of("1.0"))
                .isEqualTo(ExtensionVersion.of("1.0.0"))
                .hasSameHashCodeAs(ExtensionVersion.of("1"));
        assertThat(ExtensionVersion.of("1.0.0").text()).isEqualTo("1.0.0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "1.", ".1", "1..2", "1.2.3.4.5", "v1", "1.0-rc1", "-1", "1 ", "1.0\n", "9999999999", "١"
            })
    void refusesWhatIsNoVersion(String text) {
        refused(PackageProblem.INVALID_VERSION, () -> ExtensionVersion.of(text));
    }

    @ParameterizedTest
    @CsvSource({
        "1,1.9.3,true", "1.0,1.0.7,true", "1.0,1.1.0,false", "1.0.7,1.0.7,true", "1.0.7,1.0.7.3,true",
                "1.0.7,1.0.70,false",
        "1.0.7.0,1.0.7,true", "1.0.7.1,1.0.7,false", "*,3.1,true", "'',3.1,true", "1,10.0,false", "1.0,1,true"
    })
    void constraintMatchesTheFirstNumbers(String constraint, String version, boolean matches) {
        assertThat(VersionConstraint.of(constraint).matches(ExtensionVersion.of(version)))
                .isEqualTo(matches);
    }

    @Test
    void constraintFindsTheHighestVersion() {
        List<ExtensionVersion> versions = List.of("1.0.9", "1.0.10", "1.1.0", "2.0").stream()
                .map(ExtensionVersion::of)
                .toList();
        assertThat(VersionConstraint.of("1.0").highest(versions)).contains(ExtensionVersion.of("1.0.10"));
        assertThat(VersionConstraint.ANY.highest(versions)).contains(ExtensionVersion.of("2.0"));
        assertThat(VersionConstraint.of("3").highest(versions)).isEqualTo(Optional.empty());
    }

    @Test
    void refusesAConstraintThatIsNoVersion() {
        refused(PackageProblem.INVALID_VERSION, () -> VersionConstraint.of("1.*"));
    }

    @ParameterizedTest
    @CsvSource({
        "1.0.0,1.0.0,true",
        "1.0.0.5,1.0.0,true",
        "1.0.0.5,1.0,true",
        "1.0.1,1.0,false",
        "1.0.1.5,1.0.0,false",
        "1.0.0.5,1.0.0.4,false",
        "1.0.0.5,1.0.0.5,true",
        "1.0.0,1.0.0.0,true"
    })
    void aReleaseMayAddTheFourthNumber(String release, String manifest, boolean is) {
        assertThat(ExtensionVersion.of(release).isReleaseOf(ExtensionVersion.of(manifest)))
                .isEqualTo(is);
    }
}
