package dev.vmext.packageformat.manifest;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageManifestTest {
    private static Optional<PackageIdentity> find(String xml) {
        return ImageManifest.findIdentity(xml.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void findsTheIdentity() {
        assertThat(find("""
                <?xml version="1.0" encoding="utf-8" ?>
                <!-- <Type>Commented</Type> -->
                <ExtensionImage xmlns="http://schemas.microsoft.com/windowsazure" note="a > b">
                  <ProviderNameSpace>My.Publisher</ProviderNameSpace> <Type>My&#45;X</Type>
                </ExtensionImage>
                """.replace("My&#45;X", "<![CDATA[MyHandler]]>")
                        .replace("</ExtensionImage>", "<Version> 1.2.3 </Version></ExtensionImage>")))
                .contains(PackageIdentity.of("My.Publisher.MyHandler", "1.2.3"));
    }

    @Test
    void looksOnlyDirectlyBelowTheRoot() {
        assertThat(find(
                        "<E><ProviderNameSpace>a</ProviderNameSpace><Other><Type>Wrong</Type><Version>9</Version></Other>"
                                + "<x:Type a='>'>Right</x:Type><MediaLink/><Version>1</Version></E>"))
                .contains(PackageIdentity.of("a.Right", "1"));
    }

    @Test
    void readsUtf16AsWindowsToolsWriteIt() {
        String xml = "\ufeff<E><ProviderNameSpace>a</ProviderNameSpace><Type>B</Type><Version>1</Version></E>";
        assertThat(ImageManifest.findIdentity(xml.getBytes(StandardCharsets.UTF_16LE)))
                .contains(PackageIdentity.of("a.B", "1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no xml", "<E></E>", "<E><ProviderNameSpace>a</ProviderNameSpace><Type>B</Type></E>"})
    void findsNothingWhereThereIsNothing(String xml) {
        assertThat(find(xml)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><E/>",
                "<E><!-- never ends",
                "<E a='",
                "</E>",
                "<a><b></a></b>",
                "<E><ProviderNameSpace>&e;</ProviderNameSpace><Type>B</Type><Version>1</Version></E>",
                "<E><ProviderNameSpace>a</ProviderNameSpace><Type>../B</Type><Version>1</Version></E>",
                "<E><ProviderNameSpace>a</ProviderNameSpace><Type>B</Type><Version>one</Version></E>",
            })
    void refusesWhatItDoesNotUnderstand(String xml) {
        refused(PackageProblem.MALFORMED_MANIFEST, () -> find(xml));
    }

    @Test
    void refusesDeepNesting() {
        refused(PackageProblem.MALFORMED_MANIFEST, () -> find("<a>".repeat(1000)));
    }
}
