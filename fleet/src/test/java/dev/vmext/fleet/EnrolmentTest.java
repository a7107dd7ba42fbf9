package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class EnrolmentTest {
    private final Plane plane = new Plane();

    private static void refused(ProblemCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void leadsFromTokenToMachine() {
        Enrolment enrolment = plane.enrolment("edge1");
        String id = enrolment.machine().id();
        assertThat(enrolment.expiresAt()).isEqualTo(plane.clock.instant().plus(Duration.ofHours(1)));
        assertThat(enrolment.toString()).doesNotContain(enrolment.token().reveal());
        assertThat(plane.fleet.getMachine("default", "edge1").state()).isEqualTo("expected");
        String token = enrolment.token().reveal();
        assertThat(plane.fleet.tokenFor(token).id()).isEqualTo(id);
        assertThat(plane.fleet.bindKey(token, "sha256:key").id()).isEqualTo(id);
        MachineCertificate certificate = plane.certificate(id, "sha256:key");
        plane.fleet.certificateIssued(certificate);
        assertThat(plane.fleet.admit(certificate.serial()).enrolled()).isFalse();
        plane.fleet.certificateUsed(id, certificate.serial());
        plane.liveness.connect(id, plane.clock.instant());
        MachineView view = plane.fleet.getMachine("default", "edge1");
        assertThat(view.state()).isEqualTo("online");
        assertThat(view.enrolledAt()).isEqualTo(plane.clock.instant());
        assertThat(view.message()).isNull();
        plane.liveness.disconnect(id);
        assertThat(plane.fleet.getMachine("default", "edge1").state()).isEqualTo("offline");
    }

    @Test
    void bindsATokenToOneKeyAndBurnsItOnlyWhenTheCertificateWasUsed() {
        Enrolment enrolment = plane.enrolment("edge1");
        String id = enrolment.machine().id();
        String token = enrolment.token().reveal();
        plane.fleet.bindKey(token, "sha256:key");
        // The answer was lost and the agent asks again with the key it has.
        assertThat(plane.fleet.bindKey(token, "sha256:key").id()).isEqualTo(id);
        refused(ProblemCode.TOKEN_USED, () -> plane.fleet.bindKey(token, "sha256:another"));
        MachineCertificate certificate = plane.certificate(id, "sha256:key");
        plane.fleet.certificateIssued(certificate);
        assertThat(plane.fleet.tokenFor(token).id()).isEqualTo(id);
        plane.fleet.certificateUsed(id, certificate.serial());
        refused(ProblemCode.TOKEN_USED, () -> plane.fleet.tokenFor(token));
        refused(ProblemCode.TOKEN_USED, () -> plane.fleet.bindKey(token, "sha256:key"));
    }

    @Test
    void tellsUnknownExpiredAndVoidTokensApart() {
        Enrolment enrolment = plane.enrolment("edge1");
        refused(ProblemCode.TOKEN_INVALID, () -> plane.fleet.tokenFor("vme_guessed"));
        Secret second = plane.fleet
                .issueToken(Plane.ADMIN, enrolment.machine().id(), Duration.ofMinutes(1))
                .token();
        refused(
                ProblemCode.TOKEN_INVALID,
                () -> plane.fleet.tokenFor(enrolment.token().reveal()));
        plane.clock.advance(Duration.ofSeconds(59));
        plane.fleet.tokenFor(second.reveal());
        plane.clock.advance(Duration.ofSeconds(1));
        refused(ProblemCode.TOKEN_EXPIRED, () -> plane.fleet.tokenFor(second.reveal()));
        refused(ProblemCode.TOKEN_EXPIRED, () -> plane.fleet.bindKey(second.reveal(), "sha256:key"));
    }

    @Test
    void limitsTheLifeOfATokenToThirtyDays() {
        for (long seconds : List.of(0L, -5L, 30L * 86_400 + 1)) {
            EnrolmentCreate request = new EnrolmentCreate("edge1", seconds, null, null, null, null, null);
            refused(ProblemCode.INVALID_VALUE, () -> plane.fleet.createEnrolment(Plane.ADMIN, "default", request));
        }
        assertThat(plane.fleet.listMachines("default")).isEmpty();
    }

    @Test
    void keepsNoTokenInTheStoreOrTheLogs() {
        Enrolment enrolment = plane.enrolment("edge1");
        String token = enrolment.token().reveal();
        assertThat(plane.fleet.audit(10).toString()).doesNotContain(token);
        List<EnrolmentToken> stored =
                plane.store.read(view -> view.tokens(enrolment.machine().id()));
        assertThat(stored.toString()).doesNotContain(token);
    }

    @Test
    void revokesTheOldKeyWhenAMachineEnrolsAnew() {
        String id = plane.machine("web1");
        MachineCertificate old = plane.connect(id);
        plane.fleet.admit(old.serial());
        MachineCertificate fresh = plane.connect(id);
        assertThat(plane.fleet.admit(fresh.serial()).id()).isEqualTo(id);
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.admit(old.serial()));
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.certificateUsed(id, old.serial()));
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.admit("ffff"));
    }

    @Test
    void keepsARenewedCertificateThatWasNotUsedYet() {
        String id = plane.machine("web1");
        MachineCertificate old = plane.connect(id);
        plane.clock.advance(Duration.ofDays(20));
        MachineCertificate renewed = plane.certificate(id, "sha256:renewed");
        plane.fleet.certificateIssued(renewed);
        plane.fleet.certificateUsed(id, old.serial());
        plane.fleet.certificateUsed(id, renewed.serial());
        assertThat(plane.fleet.admit(renewed.serial()).id()).isEqualTo(id);
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.admit(old.serial()));
    }

    @Test
    void refusesTheCertificateOfAnotherMachine() {
        String one = plane.machine("web1");
        String two = plane.machine("web2");
        MachineCertificate certificate = plane.connect(one);
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.certificateUsed(two, certificate.serial()));
    }

    @Test
    void endsWithTheMachine() {
        String id = plane.machine("web1");
        MachineCertificate certificate = plane.connect(id);
        Secret token =
                plane.fleet.issueToken(Plane.ADMIN, id, Duration.ofHours(1)).token();
        refused(ProblemCode.INVALID_VALUE, () -> plane.fleet.machineDeleted(Plane.ADMIN, id));
        assertThat(plane.fleet.deleteMachine(Plane.ADMIN, "default", "web1").deleting())
                .isTrue();
        plane.fleet.deleteMachine(Plane.ADMIN, "default", "web1");
        assertThat(plane.fleet.getMachine("default", "web1").state()).isEqualTo("deleting");
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.admit(certificate.serial()));
        refused(ProblemCode.TOKEN_INVALID, () -> plane.fleet.tokenFor(token.reveal()));
        refused(ProblemCode.MACHINE_DELETING, () -> plane.fleet.issueToken(Plane.ADMIN, id, Duration.ofHours(1)));
        refused(ProblemCode.MACHINE_DELETING, () -> plane.put("web1", "a", Plane.newest("acme.Tool")));
        refused(ProblemCode.MACHINE_EXISTS, () -> plane.machine("web1"));
        plane.fleet.machineDeleted(Plane.ADMIN, id);
        plane.fleet.machineDeleted(Plane.ADMIN, id);
        refused(ProblemCode.MACHINE_NOT_FOUND, () -> plane.fleet.getMachine("default", "web1"));
        refused(ProblemCode.CERTIFICATE_REFUSED, () -> plane.fleet.admit(certificate.serial()));
        assertThat(plane.machine("web1")).isNotEqualTo(id);
    }

    @Test
    void showsWhatTheProviderSays() {
        String id = plane.machine("web1");
        plane.fleet.provisioningProgress(id, new Provisioning.Running("image", "building the image", 40));
        MachineView view = plane.fleet.getMachine("default", "web1");
        assertThat(view.state()).isEqualTo("provisioning");
        assertThat(view.message()).isEqualTo("building the image");
        assertThat(view.progress()).isEqualTo(40);
        Problem problem = Problem.of(ProblemCode.NOT_ENOUGH_DISK, "cannot make it: the disk is full", "free some");
        plane.fleet.provisioningProgress(id, new Provisioning.Failed(problem));
        view = plane.fleet.getMachine("default", "web1");
        assertThat(view.state()).isEqualTo("expected");
        assertThat(view.problem()).isEqualTo(problem);
        plane.fleet.provisioningProgress(id, new Provisioning.Running("boot", "booting", null));
        assertThat(plane.fleet.getMachine("default", "web1").problem()).isNull();
        plane.fleet.provisioningProgress(id, new Provisioning.Done());
        plane.fleet.powerObserved(id, "running");
        assertThat(plane.fleet.getMachine("default", "web1").power()).isEqualTo("running");
        assertThat(plane.fleet.machineRecord("default", "web1").powerWanted()).isTrue();
        plane.fleet.powerWanted(Plane.ADMIN, id, false);
        assertThat(plane.fleet.machineRecord("default", "web1").powerWanted()).isFalse();
        plane.fleet.lastSeen(Map.of(id, plane.clock.instant()));
        assertThat(plane.fleet.getMachine("default", "web1").lastSeen()).isEqualTo(plane.clock.instant());
    }
}
