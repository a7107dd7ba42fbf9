package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.host.HostState.Volume;
import dev.vmext.agent.host.testing.FakeHostState;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.MachineFacts;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreflightTest {
    private static final Path CODE = Path.of("/var/lib/vmext/handlers/web/acme.Web-1.0");
    private static final Path LOGS = Path.of("/var/log/azure/acme.Web");
    private static final long MIB = 1L << 20;

    private final FakeHostState machine = new FakeHostState();

    private static Volume volume(long freeMiB, long inodes, boolean readOnly, boolean noExec) {
        return new Volume(Path.of("/var"), freeMiB * MIB, inodes, readOnly, noExec);
    }

    static PackageDescription description(String fields) {
        return new PackageDescription(
                PackageIdentity.of("acme.Web", "1.0"),
                HandlerManifest.parse("[{\"handlerManifest\": {}}]".getBytes(StandardCharsets.UTF_8)),
                Optional.of(ExtensionManifest.parse(
                        ("{\"schemaVersion\": 1, \"name\": \"acme.Web\", \"version\": \"1.0\", \"displayName\": \"Web\","
                                        + "\"category\": \"management\", \"kind\": \"continuous\", \"scripts\": false"
                                        + (fields.isEmpty() ? "" : ", " + fields) + "}")
                                .getBytes(StandardCharsets.UTF_8))));
    }

    private Optional<Cause> check(String fields) throws Exception {
        return new Preflight(machine)
                .check(new Preflight.Request(
                        "acme.Web 1.0",
                        description(fields),
                        10 * MIB,
                        CODE,
                        LOGS,
                        List.of("plane.example", "192.0.2.1")));
    }

    private void refused(String fields, CauseClass kind, String evidence, String... words) throws Exception {
        assertThat(check(fields)).get().satisfies(cause -> {
            assertThat(cause.kind()).isEqualTo(kind);
            assertThat(cause.step()).isEqualTo("preflight");
            assertThat(cause.message()).contains("acme.Web 1.0").contains(words);
            assertThat(cause.evidence()).containsKey(evidence);
            assertThat(cause.hint()).isNotBlank();
        });
    }

    @Test
    void aFitMachineIsFit() throws Exception {
        assertThat(check("")).isEmpty();
        assertThat(check("\"leases\": [\"packageManager\"], \"reboot\": \"required\", \"budget\": {\"diskMiB\": 100}"))
                .isEmpty();
    }

    @Test
    void aPackageNeedsFourTimesItsSizeItsBudgetAndAReserve() throws Exception {
        machine.volume(CODE, volume(56, 1_000_000, false, false));
        assertThat(check("")).isEmpty();
        machine.volume(CODE, volume(55, 1_000_000, false, false));
        refused("", CauseClass.DISK, "freeMiB", "55 MiB free on /var", "56 MiB");
        machine.volume(CODE, volume(155, 1_000_000, false, false));
        refused("\"budget\": {\"diskMiB\": 100}", CauseClass.DISK, "neededMiB", "156 MiB");
    }

    @Test
    void inodesCountWhereAFileSystemHasALimitOfThem() throws Exception {
        machine.volume(CODE, volume(10_000, 999, false, false));
        refused("", CauseClass.DISK, "freeInodes", "999 more files");
        machine.volume(CODE, volume(10_000, HostState.UNKNOWN, false, false));
        assertThat(check("")).isEmpty();
    }

    @Test
    void codeCannotRunFromNoexecAndNothingWorksReadOnly() throws Exception {
        machine.volume(CODE, volume(10_000, 1_000_000, false, true));
        refused("", CauseClass.PERMISSION, "mount", "noexec", CODE.toString());
        machine.volume(CODE, volume(10_000, 1_000_000, false, false));
        machine.volume(LOGS, volume(10_000, 1_000_000, false, true));
        assertThat(check("")).as("logs need no programs").isEmpty();
        machine.volume(LOGS, volume(10_000, 1_000_000, true, false));
        refused("", CauseClass.DISK, "errno", "read-only", LOGS.toString());
    }

    @Test
    void littleMemoryIsSaidBeforeTheKernelKillsSomebody() throws Exception {
        machine.available(20 << 10);
        refused("", CauseClass.MEMORY, "availableKiB", "20 MiB");
        machine.available(HostState.UNKNOWN);
        assertThat(check("")).isEmpty();
    }

    @Test
    void aPlatformThatThePackageDoesNotNameIsRefused() throws Exception {
        String debian = "\"platforms\": [{\"os\": \"linux\", \"distro\": \"debian\", \"versions\": [\"12\"]}]";
        assertThat(check(debian)).isEmpty();
        machine.facts(new MachineFacts("linux", "ubuntu", "24.04", "amd64", ""));
        refused(debian, CauseClass.PLATFORM, "distro", "debian 12", "ubuntu 24.04");
        assertThat(check("\"providers\": [\"qemu\"]"))
                .as("the provider is the control plane's to know")
                .isEmpty();
    }

    @Test
    void anInterruptedDpkgMattersToThoseWhoUseIt() throws Exception {
        machine.interruptedAt(Path.of("/var/lib/dpkg/updates"));
        assertThat(check("")).isEmpty();
        refused("\"leases\": [\"packageManager\"]", CauseClass.LOCK, "path", "dpkg was interrupted");
    }

    @Test
    void namesMatterToThoseWhoUseTheNetwork() throws Exception {
        machine.unknownHost("plane.example");
        assertThat(check("")).isEmpty();
        refused("\"privileges\": [\"network\"]", CauseClass.DNS, "host", "plane.example");
        refused("\"leases\": [\"packageManager\"]", CauseClass.DNS, "host", "Name or service not known");
    }

    @Test
    void aClockBeforeTheCertificateIsWrong() throws Exception {
        Instant issued = Instant.parse("2026-11-20T10:00:00Z");
        machine.clock(issued.minusSeconds(299), issued);
        assertThat(check("")).isEmpty();
        machine.clock(issued.minusSeconds(301), issued);
        refused("", CauseClass.CLOCK, "atLeast", "2026-11-20T10:00:00Z");
    }

    @Test
    void aRestartThatSomebodyWaitsForMattersToThoseWhoMayNeedOne() throws Exception {
        machine.marker(Path.of("/run/reboot-required"));
        assertThat(check("")).isEmpty();
        refused("\"reboot\": \"possible\"", CauseClass.REBOOT_PENDING, "path", "restart");
    }
}
