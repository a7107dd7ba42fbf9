package dev.vmext.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
    private static final UUID MACHINE = UUID.fromString("0197d1c2-0000-7000-8000-000000000001");

    @TempDir
    Path home;

    private final ManualClock clock = ManualClock.atNewYear();
    private final SecureRandom random = new SecureRandom();
    private Path folder;
    private CertificateAuthority authority;

    @BeforeEach
    void open() {
        folder = home.resolve("ca");
        authority = CertificateAuthority.open(folder, clock, random);
    }

    @Test
    void isTheSameAfterARestart() {
        CertificateAuthority again = CertificateAuthority.open(folder, clock, random);

        assertThat(again.caDigest()).isEqualTo(authority.caDigest());
    }

    @Test
    void livesTwentyYears() {
        assertThat(authority.certificate().getNotAfter().toInstant())
                .isAfter(clock.instant().plus(Duration.ofDays(20 * 365)));
    }

    @Test
    void keepsItsKeyFromOtherUsers() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("ca.key"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void refusesAKeyThatOthersMayRead() throws IOException {
        Files.setPosixFilePermissions(folder.resolve("ca.key"), PosixFilePermissions.fromString("rw-r--r--"));

        assertProblem(ProblemCode.KEY_INVALID, () -> CertificateAuthority.open(folder, clock, random));
    }

    @Test
    void refusesToStartWithAnotherAuthoritysKey() throws IOException {
        CertificateAuthority.open(home.resolve("other"), clock, random);
        Files.copy(home.resolve("other/ca.crt"), folder.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);

        assertProblem(ProblemCode.KEY_INVALID, () -> CertificateAuthority.open(folder, clock, random));
    }

    @Test
    void doesNotReplaceALostKeyThatMachinesTrust() throws IOException {
        GatewayCertificate.open(folder, authority, Set.of("localhost"), clock);
        Files.delete(folder.resolve("ca.key"));

        assertProblem(ProblemCode.KEY_INVALID, () -> CertificateAuthority.open(folder, clock, random));
    }

    @Test
    void namesTheMachineAndNothingThatTheRequestSays() {
        ClientCertificate issued =
                authority.issue(MACHINE, MachineKeys.request(MachineKeys.ec("secp256r1"), "CN=somebody else"));

        assertThat(issued.machine()).isEqualTo(MACHINE);
        assertThat(issued.x509().getSubjectX500Principal().getName()).isEqualTo("CN=" + MACHINE);
        assertThat(authority.signed(issued.x509())).isTrue();
    }

    @Test
    void issuesForThirtyDaysFromAnHourAgo() {
        ClientCertificate issued = authority.issue(MACHINE, MachineKeys.request(MachineKeys.ec("secp256r1"), "CN=x"));

        assertThat(issued.notBefore()).isEqualTo(clock.instant().minus(Duration.ofHours(1)));
        assertThat(issued.notAfter()).isEqualTo(clock.instant().plus(Duration.ofDays(30)));
    }

    @Test
    void neverRepeatsASerialNumber() {
        byte[] request = MachineKeys.request(MachineKeys.ec("secp256r1"), "CN=x");

        assertThat(authority.issue(MACHINE, request).serial())
                .hasSize(32)
                .isNotEqualTo(authority.issue(MACHINE, request).serial());
    }

    @Test
    void refusesARequestForAnotherCurve() {
        assertRefused(MachineKeys.request(MachineKeys.ec("secp384r1"), "CN=x"));
    }

    @Test
    void refusesARequestForAnRsaKey() {
        assertRefused(MachineKeys.request(MachineKeys.rsa(), "CN=x"));
    }

    @Test
    void refusesARequestFromSomebodyWithoutTheKey() {
        KeyPair named = MachineKeys.ec("secp256r1");
        assertRefused(MachineKeys.request(named, MachineKeys.ec("secp256r1"), "CN=x"));
    }

    @Test
    void refusesWhatIsNoRequest() {
        assertRefused("hello".getBytes(StandardCharsets.UTF_8));
        assertRefused(Pem.write("CERTIFICATE REQUEST", new byte[] {0x30, 0x03, 2, 1, 5})
                .getBytes(StandardCharsets.UTF_8));
        assertRefused(Pem.write("CERTIFICATE REQUEST", new byte[] {5, 0}).getBytes(StandardCharsets.UTF_8));
        assertRefused(new byte[100_000]);
    }

    @Test
    void refusesEveryCutAndAlteredRequest() {
        byte[] der = Pem.read("CERTIFICATE REQUEST", MachineKeys.request(MachineKeys.ec("secp256r1"), "CN=x"))
                .orElseThrow();
        for (int i = 0; i < der.length; i++) {
            byte[] altered = der.clone();
            altered[i] ^= 0x15;
            assertRefused(Pem.write("CERTIFICATE REQUEST", altered).getBytes(StandardCharsets.US_ASCII));
            byte[] cut = Arrays.copyOf(der, i);
            assertRefused(Pem.write("CERTIFICATE REQUEST", cut).getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void gatewayKeepsItsCertificateWhileItFits() {
        GatewayCertificate first = GatewayCertificate.open(folder, authority, Set.of("localhost", "::1"), clock);
        clock.advance(Duration.ofDays(100));

        assertThat(GatewayCertificate.open(folder, authority, Set.of("::1", "localhost"), clock)
                        .certificate())
                .isEqualTo(first.certificate());
    }

    @Test
    void gatewayGetsANewCertificateWhenItsNamesChange() throws Exception {
        GatewayCertificate.open(folder, authority, Set.of("localhost"), clock);

        GatewayCertificate changed =
                GatewayCertificate.open(folder, authority, Set.of("localhost", "fe01::2", "gate.example.org"), clock);

        Set<String> names = new TreeSet<>();
        for (List<?> name : changed.certificate().getSubjectAlternativeNames()) {
            names.add(String.valueOf(name.get(1)));
        }
        assertThat(names).containsExactlyInAnyOrder("localhost", "gate.example.org", "fe01:0:0:0:0:0:0:2");
    }

    @Test
    void gatewayGetsANewCertificateWhenTheOldOneEnds() {
        GatewayCertificate first = GatewayCertificate.open(folder, authority, Set.of("localhost"), clock);
        clock.advance(Duration.ofDays(600));

        GatewayCertificate second = GatewayCertificate.open(folder, authority, Set.of("localhost"), clock);

        assertThat(second.certificate()).isNotEqualTo(first.certificate());
        assertThat(CertificateAuthority.belongTogether(
                        second.key(), second.certificate().getPublicKey()))
                .isTrue();
    }

    @Test
    void hostIsReachedByLoopbackByTheGuestsNameForItAndAsAdvertised() {
        assertThat(HostNames.all(List.of("Gate.Example.org")))
                .contains("localhost", "127.0.0.1", "::1", "10.0.2.2", "gate.example.org");
    }

    @Test
    void refusesToAdvertiseAUrl() {
        assertProblem(ProblemCode.INVALID_VALUE, () -> HostNames.all(List.of("https://gate:4320")));
    }

    private void assertRefused(byte[] request) {
        assertProblem(ProblemCode.CERTIFICATE_REQUEST_INVALID, () -> authority.issue(MACHINE, request));
    }

    private static void assertProblem(ProblemCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(code));
    }
}
