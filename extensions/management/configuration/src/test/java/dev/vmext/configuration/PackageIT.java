package dev.vmext.configuration;

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
        assertThat(PACKAGE.identity().name().text()).isEqualTo("vmext.Configuration");
        assertThat(PACKAGE.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(PACKAGE.instances()).isEqualTo(Instances.ONE);
        assertThat(PACKAGE.extension().orElseThrow().category()).isEqualTo(Category.MANAGEMENT);
        assertThat(PACKAGE.observation().probes()).hasSize(1);
    }

    @Test
    void bringsTheProgramsThatItsTimersRun() throws Exception {
        try (ZipFile zip = new ZipFile(ZIP.toFile())) {
            for (String name : Set.of("vmext-configuration", "vmext_results.py", "ansible.cfg", "vmext-finding")) {
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
                "{\"playbook\":\"- hosts: all\\n"
                        + "\",\"variables\":{\"a\":[1,{\"b\":null}]},\"mode\":\"check\",\"checkCalendar\":\"hourly\",\"cleanUp\":\"-"
                        + " hosts: all\"}",
                "{\"download\":{\"url\":\"https://example.com/p.tar.gz\",\"digest\":\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"playbook\":\"a/site.yml\"},\"proxy\":\"http://p:3128\"}",
                "{\"package\":{\"name\":\"acme-web\"},\"applyCalendar\":\"*-*-*"
                        + " 04:00:00\",\"applyOnDrift\":true,\"jitterMinutes\":0,\"timeoutSeconds\":60}",
                "{\"packages\":[{\"name\":\"curl\",\"state\":\"latest\"}],\"users\":[{\"name\":\"web\",\"shell\":\"/bin/sh\",\"home\":\"/srv\",\"groups\":[\"adm\"]}],"
                        + "\"files\":[{\"path\":\"/etc/a\",\"content\":\"x\",\"owner\":\"web\",\"group\":\"web\",\"mode\":\"0600\"},{\"path\":\"/etc/b\",\"state\":\"link\",\"target\":\"/etc/a\"}],"
                        + "\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},\"services\":[{\"name\":\"a.timer\",\"masked\":true}]}",
            })
    void schemaAndHandlerAcceptTheSame(String settings) {
        assertThat(schemaProblems(settings)).isEmpty();
        assertThatCode(() -> ConfigurationSettingsTest.settings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"playbok\":\"x\"}",
                "{\"playbook\":\" \"}",
                "{\"download\":{\"url\":\"http://h/p.yml\"}}",
                "{\"download\":{\"url\":\"ftp://h/p.yml\",\"digest\":\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}",
                "{\"package\":{\"name\":\"a\",\"playbook\":\"../a.yml\"}}",
                "{\"files\":[{\"path\":\"etc\",\"content\":\"\"}]}",
                "{\"files\":[{\"path\":\"/a/../b\",\"content\":\"\"}]}",
                "{\"files\":[{\"path\":\"/a\",\"content\":\"\",\"mode\":\"999\"}]}",
                "{\"packages\":[{\"name\":\"-x\"}]}",
                "{\"services\":[{\"name\":\"a.service\"}]}",
                "{\"sysctl\":{\"x\":\"1\"}}",
                "{\"files\":[],\"variables\":{\"ansible_user\":1}}",
                "{\"files\":[],\"mode\":\"maybe\"}",
                "{\"files\":[],\"jitterMinutes\":-1}",
            })
    void schemaAndHandlerRefuseTheSame(String settings) {
        assertThat(schemaProblems(settings)).isNotEmpty();
        assertThatCode(() -> ConfigurationSettingsTest.settings(settings)).isInstanceOf(HandlerException.class);
    }

    private static Set<?> schemaProblems(String settings) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(PACKAGE.schemas().settings().orElseThrow())
                .validate(settings, InputFormat.JSON);
    }
}
