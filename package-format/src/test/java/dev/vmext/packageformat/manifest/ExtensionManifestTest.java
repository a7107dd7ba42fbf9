package dev.vmext.packageformat.manifest;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.testing.SamplePackage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionManifestTest {
    private static ExtensionManifest parse(SamplePackage sample) {
        return ExtensionManifest.parse(sample.extensionJson().getBytes(StandardCharsets.UTF_8));
    }

    private static SamplePackage sample() {
        return new SamplePackage("sample.Hello", "1.2.3");
    }

    private static ExtensionManifest with(String field, String json) {
        return parse(sample().extension(field, json));
    }

    private static PackageException refusedWith(String field, String json) {
        return refused(PackageProblem.MALFORMED_MANIFEST, () -> with(field, json));
    }

    @Test
    void fillsInDefaults() {
        ExtensionManifest manifest = parse(sample());
        assertThat(manifest.identity()).isEqualTo(PackageIdentity.of("sample.Hello", "1.2.3"));
        assertThat(manifest.category()).isEqualTo(Category.MANAGEMENT);
        assertThat(manifest.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(manifest.instances()).isEqualTo(Instances.ONE);
        assertThat(manifest.scripts()).isFalse();
        assertThat(manifest.execution()).isEqualTo(Execution.defaults());
        assertThat(manifest.observation()).isEqualTo(Observation.none());
        assertThat(manifest.schemas()).isEqualTo(SettingsSchemas.none());
        assertThat(manifest.applicability()).isEqualTo(Applicability.everywhere());
        assertThat(manifest.execution().deadline(HandlerCommand.INSTALL)).isEqualTo(Duration.ofMinutes(15));
        assertThat(manifest.execution().deadline(HandlerCommand.ENABLE)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void readsEveryKindOfProbe() {
        List<Probe> probes = with("probes", """
                [{"name": "a", "exec": {"command": ["bin/check.sh", "-q"]}, "intervalSec": 7, "timeoutSec": 2,
                  "graceSec": 0, "failureThreshold": 2, "successThreshold": 4},
                 {"name": "b", "http": {"url": "http://127.0.0.1:8080/health", "status": 204}},
                 {"name": "c", "tcp": {"port": 22}},
                 {"name": "d", "process": {"name": "clamd"}},
                 {"name": "e", "unit": {"name": "clamav-daemon.service"}}]
                """).observation().probes();
        assertThat(probes.getFirst())
                .isEqualTo(new Probe(
                        "a",
                        new ProbeCheck.Exec(List.of("bin/check.sh", "-q")),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(2),
                        Duration.ZERO,
                        2,
                        4));
        assertThat(probes.stream().map(Probe::check).skip(1))
                .containsExactly(
                        new ProbeCheck.Http(
                                URI.create("http://127.0.0.1:8080/health"),
                                "GET",
                                List.of(new ProbeCheck.StatusCodes(204, 204)),
                                Map.of(),
                                ""),
                        new ProbeCheck.Tcp("127.0.0.1", 22),
                        new ProbeCheck.RunningProcess("clamd"),
                        new ProbeCheck.ActiveUnit("clamav-daemon.service"));
    }

    @Test
    void readsExecution() {
        Execution execution = parse(sample().extension("runtime", "\"java-25\"")
                        .extension("deadlines", "{\"install\": 60}")
                        .extension("retry", "{\"attempts\": 3, \"delaySec\": 5}")
                        .extension("budget", "{\"cpuPercent\": 50, \"tasks\": 10}")
                        .extension("leases", "[\"packageManager\"]")
                        .extension("gateway", "[\"repository\", \"certificates\"]")
                        .extension("update", "\"side-by-side\"")
                        .extension("reboot", "\"possible\"")
                        .extension("keepsOnUninstall", "[\"/var/lib/clamav\"]"))
                .execution();
        assertThat(execution.runtime()).contains("java-25");
        assertThat(execution.deadline(HandlerCommand.INSTALL)).isEqualTo(Duration.ofSeconds(60));
        assertThat(execution.deadline(HandlerCommand.UNINSTALL)).isEqualTo(Duration.ofMinutes(5));
        assertThat(execution.retry()).isEqualTo(new Retry(3, Duration.ofSeconds(5), Duration.ofSeconds(300)));
        assertThat(execution.budget().cpuPercent()).hasValue(50);
        assertThat(execution.budget().memoryMiB()).isEmpty();
        assertThat(execution.leases()).containsExactly(Lease.PACKAGE_MANAGER);
        assertThat(execution.gateway()).containsExactly(GatewayUse.REPOSITORY, GatewayUse.CERTIFICATES);
        assertThat(execution.update()).isEqualTo(UpdateStyle.SIDE_BY_SIDE);
        assertThat(execution.reboot()).isEqualTo(Reboot.POSSIBLE);
        assertThat(execution.keepsOnUninstall()).containsExactly("/var/lib/clamav");
    }

    @Test
    void keepsSchemasAsTheyAre() {
        String schema =
                "{\"type\":\"object\",\"required\":[\"a\"],\"x\":1.50,\"y\":1e400,\"z\":[null,true,\"\\u00e4\"]}";
        assertThat(with("settingsSchema", schema).schemas().settings()).contains(schema.replace("\\u00e4", "\u00e4"));
    }

    @Test
    void readsRelations() {
        Applicability applicability = parse(
                        sample().extension("dependencies", "[{\"name\": \"a.B\", \"version\": \"1\"}]")
                                .extension("conflicts", "[{\"name\": \"c.D\"}]"))
                .applicability();
        assertThat(applicability.dependencies())
                .containsExactly(new ExtensionReference(ExtensionName.of("a.B"), VersionConstraint.of("1")));
        assertThat(applicability.conflicts())
                .containsExactly(new ExtensionReference(ExtensionName.of("c.D"), VersionConstraint.ANY));
    }

    @Test
    void saysWhyAMachineDoesNotFit() {
        Applicability applicability = parse(sample().extension(
                                "platforms",
                                "[{\"os\": \"linux\", \"distro\": \"debian\", \"versions\": [\"12\"], \"arch\": [\"amd64\"]}]")
                        .extension("providers", "[\"qemu\"]"))
                .applicability();
        MachineFacts fits = new MachineFacts("linux", "debian", "12", "amd64", "qemu");
        assertThat(applicability.misfit(fits)).isEqualTo(Optional.empty());
        assertThat(applicability.misfit(new MachineFacts("linux", "debian", "12.7", "amd64", "qemu")))
                .isEmpty();
        assertThat(applicability.misfit(new MachineFacts("linux", "debian", "121", "amd64", "qemu")))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("debian 12 on amd64").contains("debian 121"));
        assertThat(applicability.misfit(new MachineFacts("linux", "fedora", "12", "amd64", "qemu")))
                .isPresent();
        assertThat(applicability.misfit(new MachineFacts("linux", "debian", "12", "arm64", "qemu")))
                .isPresent();
        assertThat(applicability.misfit(new MachineFacts("linux", "debian", "12", "amd64", "self-enrolled")))
                .hasValueSatisfying(why -> assertThat(why).contains("qemu").contains("self-enrolled"));
    }

    @Test
    void refusesUnknownFieldsAndSaysWhatWasMeant() {
        assertThat(refusedWith("categorie", "\"security\"")).hasMessageContaining("did you mean \"category\"?");
        assertThat(refusedWith("deadlines", "{\"instal\": 5}"))
                .hasMessageContaining("deadlines")
                .hasMessageContaining("install");
        assertThat(refusedWith("xyzzy", "1")).hasMessageContaining("known are:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"schemaVersion", "name", "version", "displayName", "category", "kind", "scripts"})
    void refusesAFileWithoutARequiredField(String field) {
        var problem = refused(PackageProblem.MALFORMED_MANIFEST, () -> parse(sample().withoutExtensionField(field)));
        assertThat(problem).hasMessageContaining(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "schemaVersion | 2",
                "schemaVersion | \"1\"",
                "name | \"Hello\"",
                "name | 5",
                "version | \"1.0-beta\"",
                "displayName | \"\"",
                "category | \"securty\"",
                "kind | \"oneshot\"",
                "instances | \"two\"",
                "scripts | \"false\"",
                "scriptKeys | [\"a\", \"a\"]",
                "scriptKeys | [1]",
                "scriptKeys | \"a\"",
                "runtime | \"python\"",
                "platforms | [{\"distro\": \"debian\"}]",
                "platforms | [{\"os\": \"Linux\"}]",
                "platforms | [7]",
                "settingsSchema | \"{}\"",
                "settingsSchema | []",
                "deadlines | {\"install\": 0}",
                "deadlines | {\"install\": 1.5}",
                "deadlines | {\"install\": 90000}",
                "retry | {\"attempts\": 100}",
                "budget | {\"cpuPercent\": -1}",
                "probes | [{\"name\": \"a\"}]",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 1}, \"process\": {\"name\": \"x\"}}]",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 70000}}]",
                "probes | [{\"name\": \"a\", \"tcp\": {\"port\": 1}}, {\"name\": \"a\", \"tcp\": {\"port\": 2}}]",
                "probes | [{\"name\": \"a\", \"exec\": {\"command\": []}}]",
                "probes | [{\"name\": \"a\", \"exec\": {\"command\": [\"../x\"]}}]",
                "probes | [{\"name\": \"a\", \"http\": {\"url\": \"file:///etc/passwd\"}}]",
                "probes | [{\"name\": \"a\", \"http\": {\"url\": \"http://user@host/\"}}]",
                "metrics | [{\"name\": \"a\", \"url\": \"localhost:9100\"}]",
                "findings | [{\"type\": \"Malware Found\", \"severity\": \"high\"}]",
                "findings | [{\"type\": \"malware-found\", \"severity\": \"awful\"}]",
                "dependencies | [{\"name\": \"x\"}]",
                "dependencies | [{\"name\": \"a.B\", \"version\": \">1\"}]",
                "leases | [\"apt\"]",
                "gateway | [\"root\"]",
                "gateway | \"repository\"",
                "update | \"rolling\"",
                "reboot | true",
            })
    void refusesABadValueAndNamesTheField(String field, String json) {
        assertThat(refusedWith(field, json)).hasMessageContaining(field).hasMessageContaining("extension.json");
    }

    @Test
    void aPackageWithoutExtensionManifestMayRunScriptsAndStandsAlone() {
        HandlerManifest handler = HandlerManifest.parse("[{\"handlerManifest\": {}}]".getBytes(StandardCharsets.UTF_8));
        var description = new PackageDescription(PackageIdentity.of("a.B", "1"), handler, Optional.empty());
        assertThat(description.scripts()).isTrue();
        assertThat(description.instances()).isEqualTo(Instances.ONE);
        assertThat(description.kind()).isEqualTo(Kind.CONTINUOUS);
        assertThat(description.displayName()).isEqualTo("a.B");
        assertThat(description.deadline(HandlerCommand.DISABLE)).isEqualTo(Duration.ofMinutes(15));
    }

    @Test
    void aHandlerThatSupportsMultipleExtensionsMayHaveManyInstallations() {
        HandlerManifest handler = HandlerManifest.parse(
                "[{\"handlerManifest\": {\"supportsMultipleExtensions\": true}}]".getBytes(StandardCharsets.UTF_8));
        assertThat(new PackageDescription(PackageIdentity.of("a.B", "1"), handler, Optional.empty()).instances())
                .isEqualTo(Instances.MANY);
    }
}
