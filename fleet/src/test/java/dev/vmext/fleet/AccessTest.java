package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AccessTest {
    private final InMemoryFleetStore store = new InMemoryFleetStore();
    private final Plane plane = new Plane(store);

    private static void refused(ProblemCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void comesWithAToken() {
        assertThat(plane.fleet.hasTokens()).isFalse();
        Secret token = plane.fleet.createToken(Actor.SYSTEM, "admin", Set.of(Permission.READ));
        assertThat(plane.fleet.hasTokens()).isTrue();
        Principal principal = plane.fleet.authenticate(token.reveal());
        assertThat(principal.subject()).isEqualTo("admin");
        assertThat(principal.may(Permission.READ)).isTrue();
        assertThat(principal.may(Permission.INSTALLATION_WRITE)).isFalse();
        refused(ProblemCode.NOT_SIGNED_IN, () -> plane.fleet.authenticate("vmt_guessed"));
        // One kind of secret is not accepted in place of another.
        refused(ProblemCode.NOT_SIGNED_IN, () -> plane.fleet.session(token.reveal()));
        refused(ProblemCode.SIGN_IN_LINK_USED, () -> plane.fleet.redeemSignIn(token.reveal(), Duration.ofHours(1)));
        assertThat(plane.fleet.audit(10).toString()).doesNotContain(token.reveal());
    }

    @Test
    void signsABrowserInOnce() {
        Principal admin = new Principal("admin", Set.of(Permission.READ, Permission.AUDIT_READ));
        SignInCode code = plane.fleet.createSignIn(admin, Duration.ofMinutes(10));
        SessionGrant grant = plane.fleet.redeemSignIn(code.code().reveal(), Duration.ofHours(8));
        refused(
                ProblemCode.SIGN_IN_LINK_USED,
                () -> plane.fleet.redeemSignIn(code.code().reveal(), Duration.ofHours(8)));
        assertThat(plane.fleet.session(grant.secret().reveal())).isEqualTo(admin);
        plane.clock.advance(Duration.ofHours(8));
        refused(
                ProblemCode.NOT_SIGNED_IN,
                () -> plane.fleet.session(grant.secret().reveal()));
    }

    @Test
    void letsSignInCodesExpireAndSessionsEnd() {
        Principal admin = new Principal("admin", Set.of());
        SignInCode late = plane.fleet.createSignIn(admin, Duration.ofMinutes(10));
        plane.clock.advance(Duration.ofMinutes(10));
        refused(
                ProblemCode.SIGN_IN_LINK_USED,
                () -> plane.fleet.redeemSignIn(late.code().reveal(), Duration.ofHours(8)));
        SignInCode code = plane.fleet.createSignIn(admin, Duration.ofMinutes(10));
        SessionGrant grant = plane.fleet.redeemSignIn(code.code().reveal(), Duration.ofHours(8));
        plane.fleet.signOut(grant.secret().reveal());
        refused(
                ProblemCode.NOT_SIGNED_IN,
                () -> plane.fleet.session(grant.secret().reveal()));
    }

    @Test
    void auditsWhoDidWhatAndNoticesTampering() {
        plane.publish("acme.Tool", "1.0");
        String id = plane.machine("web1", Map.of("t", Plane.secret("acme.Tool", Map.of("password", "s3cret"))));
        plane.connect(id);
        plane.put("web1", "t", Plane.settings("acme.Tool", Map.of("x", 1)));
        assertThat(plane.fleet.audit(100))
                .extracting("action")
                .containsExactly(
                        "installation.put",
                        "certificate.use",
                        "certificate.issue",
                        "enrolment.bind",
                        "enrolment.token",
                        "machine.create",
                        "extension.publish");
        assertThat(plane.fleet.audit(1).getFirst().actor()).isEqualTo("user:admin");
        assertThat(plane.fleet.audit(1).getFirst().subject()).isEqualTo("default/web1/t");
        assertThat(plane.fleet.audit(100).toString()).doesNotContain("s3cret");
        assertThat(plane.fleet.verifyAuditChain()).isEmpty();
        store.tamperWithAudit(4, "nothing happened");
        assertThat(plane.fleet.verifyAuditChain()).contains(4L);
    }

    @Test
    void wakesListenersAfterTheCommit() {
        List<ChangeEvent> heard = new ArrayList<>();
        plane.fleet.onCommit((machines, events) -> {
            assertThat(plane.fleet.lastChange()).isEqualTo(events.getLast().id());
            heard.addAll(events);
        });
        String id = plane.machine("web1");
        plane.fleet.livenessChanged(List.of(id, "unknown"));
        assertThat(heard).extracting(ChangeEvent::id).containsExactly(1L, 2L);
        assertThat(plane.fleet.changesAfter(1, 10))
                .extracting(ChangeEvent::machine)
                .containsExactly("web1");
    }

    @Test
    void neverPublishesAVersionWithOtherContent() {
        plane.publish("acme.Tool", "1.0");
        Publication same = Plane.publication(
                "acme.Tool",
                "1.0",
                plane.store.read(view ->
                        view.releases("acme.Tool").getFirst().publication().extensionManifest()));
        assertThat(plane.fleet.publish(Plane.ADMIN, same).versions()).hasSize(1);
        refused(ProblemCode.VERSION_PUBLISHED, () -> plane.publish("acme.Tool", "1.0", ", \"runtime\": \"java-25\""));
        refused(ProblemCode.VERSION_PUBLISHED, () -> plane.publish("acme.Tool", "1.0.0"));
        refused(ProblemCode.PACKAGE_INVALID, () -> plane.publish("acme.Tool", "2.0", Optional.of("{}")));
        refused(ProblemCode.PACKAGE_INVALID, () -> plane.publish("nodots", "2.0", Optional.empty()));
        assertThat(plane.fleet.audit(10)).hasSize(1);
    }

    @Test
    void listsTheCatalogByCategoryProviderAndPlatform() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Cloud", "1.0", ", \"providers\": [\"ec2\"]");
        plane.publish(
                "acme.Debian",
                "1.0",
                ", \"platforms\": [{\"os\": \"linux\", \"distro\": \"debian\", \"versions\": [\"12\"], \"arch\": [\"amd64\"]}]");
        assertThat(names(null, null, null)).containsExactly("acme.Cloud", "acme.Debian", "acme.Tool");
        assertThat(names("management", null, null)).hasSize(3);
        assertThat(names("security", null, null)).isEmpty();
        assertThat(names(null, "qemu", null)).containsExactly("acme.Debian", "acme.Tool");
        assertThat(names(null, null, "linux/debian 12.5/amd64")).hasSize(3);
        assertThat(names(null, null, "debian")).hasSize(3);
        assertThat(names(null, null, "debian 11")).containsExactly("acme.Cloud", "acme.Tool");
        assertThat(names(null, null, "fedora")).containsExactly("acme.Cloud", "acme.Tool");
        assertThat(names(null, null, "arm64")).containsExactly("acme.Cloud", "acme.Tool");
        refused(ProblemCode.EXTENSION_NOT_FOUND, () -> plane.fleet.getExtension("acme.None"));
        assertThat(plane.fleet.getExtension("acme.Debian").platforms()).containsExactly("debian 12 on amd64");
    }

    private List<String> names(
            @org.jspecify.annotations.Nullable String category,
            @org.jspecify.annotations.Nullable String provider,
            @org.jspecify.annotations.Nullable String platform) {
        return plane
                .fleet
                .listExtensions(new ExtensionFilter(
                        Optional.ofNullable(category), Optional.ofNullable(provider), Optional.ofNullable(platform)))
                .stream()
                .map(ExtensionView::name)
                .toList();
    }

    @Test
    void showsAnExtensionAsItsNewestActiveVersionDescribesIt() {
        plane.publish(
                "acme.Tool", "1.0", ", \"settingsSchema\": {\"properties\": {\"port\": {\"type\": \"integer\"}}}");
        plane.publish("acme.Tool", "2.0");
        plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "2.0", VersionState.WITHDRAWN);
        ExtensionView view = plane.fleet.getExtension("acme.Tool");
        assertThat(view.latest()).isEqualTo("1.0");
        assertThat(view.versions()).extracting("version").containsExactly("2.0", "1.0");
        assertThat(view.versions()).extracting("state").containsExactly("withdrawn", "active");
        assertThat(view.settingsSchema()).isEqualTo(Map.of("properties", Map.of("port", Map.of("type", "integer"))));
        refused(
                ProblemCode.VERSION_NOT_FOUND,
                () -> plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "3.0", VersionState.ACTIVE));
    }

    @Test
    void listsTokensWithoutTheirSecretsAndRevokesThem() {
        Secret admin = plane.fleet.createToken(Actor.SYSTEM, "admin", Set.of(Permission.ACCESS_WRITE));
        Secret robot = plane.fleet.createToken(Actor.SYSTEM, "robot", Set.of(Permission.READ));
        String id = plane.fleet.token(robot).id();
        assertThat(plane.fleet.tokens().toString())
                .doesNotContain(robot.reveal())
                .doesNotContain(admin.reveal());
        assertThat(plane.fleet.tokens()).extracting("subject").containsExactlyInAnyOrder("admin", "robot");
        plane.fleet.revokeToken(Plane.ADMIN, id);
        assertThatThrownBy(() -> plane.fleet.authenticate(robot.reveal()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ProblemCode.NOT_SIGNED_IN));
        assertThatThrownBy(() -> plane.fleet.revokeToken(Plane.ADMIN, id))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ProblemCode.TOKEN_NOT_FOUND));
        assertThat(plane.fleet.audit(1).getFirst().detail()).isEqualTo("token " + id);
    }

    @Test
    void endsTheSessionsOfWhoeverHeldTheToken() {
        plane.fleet.createToken(Actor.SYSTEM, "admin", Set.of(Permission.ACCESS_WRITE));
        Secret robot = plane.fleet.createToken(Actor.SYSTEM, "robot", Set.of(Permission.READ));
        SignInCode code = plane.fleet.createSignIn(plane.fleet.authenticate(robot.reveal()), Duration.ofMinutes(5));
        SessionGrant session = plane.fleet.redeemSignIn(code.code().reveal(), Duration.ofHours(1));
        plane.fleet.revokeToken(Plane.ADMIN, plane.fleet.token(robot).id());
        assertThatThrownBy(() -> plane.fleet.session(session.secret().reveal()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ProblemCode.NOT_SIGNED_IN));
    }

    @Test
    void refusesToRevokeTheLastTokenThatLetsPeopleIn() {
        Secret admin = plane.fleet.createToken(Actor.SYSTEM, "admin", Set.of(Permission.ACCESS_WRITE));
        assertThatThrownBy(() -> plane.fleet.revokeToken(
                        Plane.ADMIN, plane.fleet.token(admin).id()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ProblemCode.LAST_TOKEN));
    }
}
