package dev.vmext.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.Category;
import dev.vmext.packageformat.manifest.Instances;
import dev.vmext.packageformat.manifest.Kind;
import dev.vmext.packageformat.manifest.MachineFacts;
import dev.vmext.packageformat.manifest.PackageDescription;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at the finished package as a server and an agent do. */
final class PackageIT {
    private static final Path ZIP = Path.of(System.getProperty("extension.package") + ".zip");
    private static final PackageDescription PACKAGE = new PackageReader(ArchiveLimits.standard()).describe(ZIP);

    @Test
    void describesItself() {
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Access");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.MANAGEMENT);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
    }

    @Test
    void bringsTheProgramsThatItsTimerRuns() throws Exception {
        try (ZipFile zip = new ZipFile(ZIP.toFile())) {
            for (String name : Set.of("vmext-access", "lib.sh", "vmext-finding")) {
                assertThat(zip.getEntry("programs/" + name)).as(name).isNotNull();
            }
        }
    }

    @Test
    void fitsDebian12OnAmd64AndNotEveryMachine() {
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "debian", "12", "amd64", "qemu")))
                .isEmpty();
        assertThat(PACKAGE.applicability().misfit(new MachineFacts("linux", "fedora", "41", "amd64", "qemu")))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"accounts\":[{\"name\":\"alice\",\"fullName\":\"Alice\",\"uid\":2001,\"shell\":\"/bin/sh\",\"home\":\"/srv/alice\",\"createHome\":false,\"groups\":[\"adm\"],"
                        + "\"keys\":[\"" + AccessSettingsTest.KEY + "\",{\"key\":\"" + AccessSettingsTest.KEY
                        + "\",\"expires\":\"2027-01-31T18:00:00Z\",\"from\":[\"10.0.0.0/8\"],\"restrict\":true}],"
                        + "\"sudo\":\"all\",\"expires\":\"2027-01-31\",\"enabled\":true,\"passwordReset\":\"monday\"}]}",
                "{\"sudoRules\":[{\"users\":[\"a\"],\"groups\":[\"b\"],\"runAs\":\"ALL\",\"commands\":[\"/usr/bin/systemctl"
                        + " restart a.service\"],\"password\":false}],\"sudoers\":\"Defaults lecture=never\\n"
                        + "\",\"checkMinutes\":1,\"repair\":false,\"homes\":\"delete\"}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> AccessSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"acounts\":[]}",
                "{\"accounts\":[{}]}",
                "{\"accounts\":[{\"name\":\"Alice\"}]}",
                "{\"accounts\":[{\"name\":\"a\",\"uid\":0}]}",
                "{\"accounts\":[{\"name\":\"a\",\"fullName\":\"a:b\"}]}",
                "{\"accounts\":[{\"name\":\"a\",\"home\":\"/a/../b\"}]}",
                "{\"accounts\":[{\"name\":\"a\",\"home\":\"/a/\"}]}",
                "{\"accounts\":[{\"name\":\"a\",\"expires\":\"tomorrow\"}]}",
                "{\"accounts\":[{\"name\":\"a\",\"sudo\":\"some\"}]}",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[{}]}]}",
                "{\"accounts\":[{\"name\":\"a\",\"keys\":[\"short\"]}]}",
                "{\"sudoRules\":[{\"commands\":[\"ALL\"]}]}",
                "{\"sudoRules\":[{\"users\":[],\"commands\":[\"ALL\"]}]}",
                "{\"sudoRules\":[{\"users\":[\"a\"],\"commands\":[\"apt\"]}]}",
                "{\"sudoRules\":[{\"users\":[\"a\"],\"commands\":[\"/bin/a #b\"]}]}",
                "{\"sudoers\":\"a\\u0000\"}",
                "{\"checkMinutes\":1441}",
                "{\"homes\":\"\"}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> AccessSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
