package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.after;
import static dev.vmext.fleet.Plane.newest;
import static dev.vmext.fleet.Plane.secret;
import static dev.vmext.fleet.Plane.settings;
import static dev.vmext.fleet.Plane.version;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class InstallationTest {
    private final Plane plane = new Plane();

    private static void refused(ProblemCode code, String detail, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.detail()).contains(detail).startsWith("cannot ");
            assertThat(problem.hint()).isNotEmpty();
        });
    }

    @Test
    void isDeclaredBeforeItsMachineExists() {
        plane.publish("acme.Firewall", "1.0.0");
        plane.machine("web1", Map.of("fw", newest("acme.Firewall")));
        InstallationView view = plane.show("web1", "fw");
        assertThat(view.state()).isEqualTo("waiting-machine");
        assertThat(requireNonNull(view.cause()).kind()).isEqualTo("machine-offline");
        assertThat(view.version()).isEqualTo("1.0.0");
        assertThat(view.sequence()).isZero();
        assertThat(view.appliedSequence()).isEqualTo(-1);
        assertThat(plane.fleet.getMachine("default", "web1").state()).isEqualTo("provisioning");
    }

    @Test
    void leavesNoMachineBehindWhenOneOfItsInstallationsIsRefused() {
        plane.publish("acme.Firewall", "1.0.0");
        refused(
                ProblemCode.EXTENSION_NOT_FOUND,
                "acme.Missing",
                () -> plane.machine("web1", Map.of("fw", newest("acme.Firewall"), "no", newest("acme.Missing"))));
        assertThat(plane.fleet.listMachines("default")).isEmpty();
        assertThat(plane.fleet.audit(10)).extracting("action").containsExactly("extension.publish");
    }

    @Test
    void resolvesAConstraintToTheNewestVersionItIsAPrefixOf() {
        for (String version : List.of("1.0.0", "1.0.7", "1.1.0", "2.0.0", "1.0.10")) {
            plane.publish("acme.Tool", version, ", \"instances\": \"many\"");
        }
        plane.machine("web1");
        assertThat(plane.put("web1", "a", version("acme.Tool", "1.0")).version())
                .isEqualTo("1.0.10");
        assertThat(plane.put("web1", "a", version("acme.Tool", "1")).version()).isEqualTo("1.1.0");
        assertThat(plane.put("web1", "a", version("acme.Tool", "1.0.7")).version())
                .isEqualTo("1.0.7");
        assertThat(plane.put("web1", "a", newest("acme.Tool")).version()).isEqualTo("2.0.0");
        refused(ProblemCode.VERSION_NOT_FOUND, "acme.Tool 3", () -> plane.put("web1", "a", version("acme.Tool", "3")));
        refused(ProblemCode.INVALID_VALUE, "newest", () -> plane.put("web1", "a", version("acme.Tool", "newest")));
    }

    @Test
    void passesOverVersionsThatAreNotActive() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Tool", "1.1");
        plane.publish("acme.Tool", "1.2");
        plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "1.2", VersionState.INSECURE);
        plane.fleet.setVersionState(Plane.ADMIN, "acme.Tool", "1.1", VersionState.DEPRECATED);
        plane.machine("web1");
        assertThat(plane.put("web1", "a", newest("acme.Tool")).version()).isEqualTo("1.0");
        assertThat(plane.put("web1", "a", version("acme.Tool", "1.1")).version())
                .isEqualTo("1.1");
        refused(
                ProblemCode.VERSION_WITHDRAWN,
                "marked insecure",
                () -> plane.put("web1", "a", version("acme.Tool", "1.2")));
    }

    @Test
    void refusesNamesThatAreNone() {
        plane.publish("acme.Tool", "1.0");
        plane.machine("web1");
        refused(ProblemCode.INVALID_NAME, "../etc", () -> plane.put("web1", "../etc", newest("acme.Tool")));
        refused(ProblemCode.INVALID_NAME, "", () -> plane.put("web1", "", newest("acme.Tool")));
        refused(ProblemCode.INVALID_NAME, "", () -> plane.put("web1", "x".repeat(65), newest("acme.Tool")));
        refused(ProblemCode.INVALID_NAME, "Web 1", () -> plane.machine("Web 1"));
        refused(ProblemCode.MACHINE_EXISTS, "web1", () -> plane.machine("web1"));
        refused(ProblemCode.MACHINE_NOT_FOUND, "web2", () -> plane.put("web2", "a", newest("acme.Tool")));
    }

    @Test
    void installsASingleInstanceExtensionOnce() {
        plane.publish("acme.Firewall", "1.0");
        String id = plane.machine("web1", Map.of("fw", newest("acme.Firewall")));
        refused(ProblemCode.SINGLE_INSTANCE, "as fw", () -> plane.put("web1", "fw2", newest("acme.Firewall")));
        plane.connect(id);
        plane.converge(id);
        plane.delete("web1", "fw");
        refused(
                ProblemCode.SINGLE_INSTANCE,
                "still being removed",
                () -> plane.put("web1", "fw2", newest("acme.Firewall")));
    }

    @Test
    void takesAPackageWithoutManifestForSingleInstance() {
        plane.publish("acme.Old", "1.0", Optional.empty());
        plane.machine("web1", Map.of("a", newest("acme.Old")));
        refused(ProblemCode.SINGLE_INSTANCE, "acme.Old", () -> plane.put("web1", "b", newest("acme.Old")));
    }

    @Test
    void keepsAllInstallationsOfOneExtensionOnOneVersion() {
        plane.publish("acme.Tool", "1.0", ", \"instances\": \"many\"");
        plane.machine("web1", Map.of("a", version("acme.Tool", "1")));
        plane.publish("acme.Tool", "1.1", ", \"instances\": \"many\"");
        plane.publish("acme.Tool", "2.0", ", \"instances\": \"many\"");
        // Joining does not update what runs.
        assertThat(plane.put("web1", "b", newest("acme.Tool")).version()).isEqualTo("1.0");
        refused(ProblemCode.VERSION_CONFLICT, "same version", () -> plane.put("web1", "c", version("acme.Tool", "2")));
        // Writing again does, and the sibling follows without a new sequence number.
        assertThat(plane.put("web1", "b", newest("acme.Tool")).version()).isEqualTo("1.1");
        assertThat(plane.show("web1", "a").version()).isEqualTo("1.1");
        assertThat(plane.show("web1", "a").sequence()).isZero();
        // One that forces another version takes the others along where they allow it.
        plane.publish("acme.Tool", "1.2", ", \"instances\": \"many\"");
        assertThat(plane.put("web1", "c", version("acme.Tool", "1.2")).version())
                .isEqualTo("1.2");
        assertThat(plane.show("web1", "b").version()).isEqualTo("1.2");
    }

    @Test
    void refusesWhatDoesNotFitProviderOrPlatform() {
        plane.publish("acme.Cloud", "1.0", ", \"providers\": [\"ec2\"]");
        plane.publish("acme.Arm", "1.0", ", \"platforms\": [{\"os\": \"linux\", \"arch\": [\"arm64\"]}]");
        plane.publish("acme.Debian", "1.0", ", \"platforms\": [{\"os\": \"linux\", \"distro\": \"debian\"}]");
        plane.machine("web1");
        refused(ProblemCode.PROVIDER_MISMATCH, "from qemu", () -> plane.put("web1", "a", newest("acme.Cloud")));
        refused(ProblemCode.PLATFORM_MISMATCH, "arm64", () -> plane.put("web1", "a", newest("acme.Arm")));
        assertThat(plane.put("web1", "a", newest("acme.Debian")).state()).isEqualTo("waiting-machine");
    }

    @Test
    void learnsAboutThePlatformOfASelfEnrolledMachineLater() {
        plane.publish("acme.Debian", "1.0", ", \"platforms\": [{\"os\": \"linux\", \"distro\": \"debian\"}]");
        plane.publish("acme.Tool", "1.0");
        String id = plane.enrolment("edge1").machine().id();
        plane.put("edge1", "deb", newest("acme.Debian"));
        plane.put("edge1", "tool", after("acme.Tool", "deb"));
        plane.connect(id);
        plane.fleet.factsReported(id, Map.of("os", "linux", "distro", "fedora", "osVersion", "43", "arch", "amd64"));
        assertThat(plane.converge(id).installations()).isEmpty();
        InstallationView deb = plane.show("edge1", "deb");
        assertThat(deb.state()).isEqualTo("failed");
        assertThat(requireNonNull(deb.cause()).kind()).isEqualTo("platform");
        assertThat(requireNonNull(deb.cause()).message()).contains("fedora 43");
        assertThat(plane.show("edge1", "tool").state()).isEqualTo("blocked");
        assertThat(plane.delete("edge1", "tool")).isEmpty();
        assertThat(plane.delete("edge1", "deb")).isEmpty();
    }

    @Test
    void wantsDependenciesPresentAndWithoutCircles() {
        plane.publish("acme.Base", "1.0");
        plane.publish("acme.App", "1.0", ", \"dependencies\": [{\"name\": \"acme.Base\", \"version\": \"1\"}]");
        plane.publish("acme.Tool", "1.0", ", \"instances\": \"many\"");
        plane.machine("web1");
        refused(
                ProblemCode.DEPENDENCY_MISSING,
                "needs acme.Base 1",
                () -> plane.put("web1", "app", newest("acme.App")));
        refused(
                ProblemCode.DEPENDENCY_MISSING,
                "after ghost",
                () -> plane.put("web1", "t", after("acme.Tool", "ghost")));
        refused(ProblemCode.DEPENDENCY_CYCLE, "itself", () -> plane.put("web1", "t", after("acme.Tool", "t")));
        plane.put("web1", "base", newest("acme.Base"));
        plane.put("web1", "app", newest("acme.App"));
        plane.put("web1", "t", after("acme.Tool", "app"));
        refused(ProblemCode.DEPENDENCY_CYCLE, "comes after", () -> plane.put("web1", "base", after("acme.Base", "t")));
        refused(ProblemCode.DEPENDENCY_MISSING, "app needs it", () -> plane.delete("web1", "base"));
        refused(ProblemCode.DEPENDENCY_MISSING, "t needs it", () -> plane.delete("web1", "app"));
        assertThat(plane.fleet
                        .goal(plane.fleet.getMachine("default", "web1").id())
                        .installations())
                .extracting("name")
                .containsExactly("base", "app", "t");
    }

    @Test
    void refusesExtensionsThatExcludeEachOtherWhicheverComesFirst() {
        plane.publish("acme.One", "1.0", ", \"conflicts\": [{\"name\": \"acme.Other\"}]");
        plane.publish("acme.Other", "1.0");
        plane.machine("web1", Map.of("one", newest("acme.One")));
        plane.machine("web2", Map.of("other", newest("acme.Other")));
        refused(ProblemCode.EXTENSION_CONFLICT, "acme.Other", () -> plane.put("web1", "x", newest("acme.Other")));
        refused(ProblemCode.EXTENSION_CONFLICT, "acme.One", () -> plane.put("web2", "x", newest("acme.One")));
    }

    @Test
    void checksSettingsBeforeAnythingIsStored() {
        plane.publish("acme.Tool", "1.0", """
                , "settingsSchema": {"properties": {"port": {}}, "required": ["port"]},
                  "protectedSchema": {"properties": {"password": {}}, "required": ["password"]}""");
        plane.machine("web1");
        refused(ProblemCode.SETTINGS_INVALID, "/port is missing", () -> plane.put("web1", "t", newest("acme.Tool")));
        refused(
                ProblemCode.UNKNOWN_SETTING,
                "/prot",
                () -> plane.put("web1", "t", settings("acme.Tool", Map.of("prot", 1))));
        refused(
                ProblemCode.SETTINGS_INVALID,
                "/password is missing",
                () -> plane.put("web1", "t", settings("acme.Tool", Map.of("port", 1))));
        assertThat(plane.fleet.listInstallations("default", "web1")).isEmpty();
    }

    @Test
    void raisesTheSequenceOnlyWhenTheHandlerHasToRunAgain() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Base", "1.0");
        String id = plane.machine("web1");
        plane.put("web1", "base", newest("acme.Base"));
        Map<String, Object> one = Map.of("a", 1, "b", List.of("x"));
        assertThat(plane.put("web1", "t", settings("acme.Tool", one)).sequence())
                .isZero();
        long generation = plane.fleet.goalGeneration(id);
        assertThat(plane.put("web1", "t", settings("acme.Tool", one)).sequence())
                .isZero();
        assertThat(plane.fleet.goalGeneration(id)).isEqualTo(generation);
        assertThat(plane.put("web1", "t", settings("acme.Tool", Map.of("a", 2))).sequence())
                .isEqualTo(1);
        InstallationWrite secret = secret("acme.Tool", Map.of("password", "s3cret"));
        InstallationView view = plane.put("web1", "t", secret);
        assertThat(view.sequence()).isEqualTo(2);
        assertThat(view.protectedKeys()).containsExactly("password");
        assertThat(plane.put("web1", "t", secret).sequence()).isEqualTo(2);
        // Leaving protected settings out keeps them; an empty object takes them away.
        assertThat(plane.put("web1", "t", newest("acme.Tool")).protectedKeys()).containsExactly("password");
        assertThat(plane.put("web1", "t", newest("acme.Tool")).sequence()).isEqualTo(2);
        assertThat(plane.put("web1", "t", secret("acme.Tool", Map.of())).protectedKeys())
                .isEmpty();
        assertThat(plane.show("web1", "t").sequence()).isEqualTo(3);
        assertThat(plane.put("web1", "t", after("acme.Tool", "base")).sequence())
                .isEqualTo(3);
        plane.publish("acme.Tool", "1.1");
        assertThat(plane.put("web1", "t", newest("acme.Tool")).version()).isEqualTo("1.1");
        assertThat(plane.show("web1", "t").sequence()).isEqualTo(3);
        assertThat(plane.put("web1", "t", new InstallationWrite("acme.Tool", null, null, null, null, true))
                        .sequence())
                .isEqualTo(4);
    }

    @Test
    void neverChangesItsExtension() {
        plane.publish("acme.Tool", "1.0");
        plane.publish("acme.Base", "1.0");
        plane.machine("web1", Map.of("t", newest("acme.Tool")));
        refused(ProblemCode.INSTALLATION_EXISTS, "acme.Base", () -> plane.put("web1", "t", newest("acme.Base")));
    }

    @Test
    void isGoneAtOnceWhenTheMachineNeverHeardOfIt() {
        plane.publish("acme.Tool", "1.0");
        plane.machine("web1", Map.of("t", newest("acme.Tool")));
        assertThat(plane.delete("web1", "t")).isEmpty();
        assertThat(plane.fleet.listInstallations("default", "web1")).isEmpty();
        refused(ProblemCode.INSTALLATION_NOT_FOUND, "web1", () -> plane.delete("web1", "t"));
    }

    @Test
    void staysInTheGoalAsAbsentUntilTheAgentReportsItRemoved() {
        plane.publish("acme.Tool", "1.0");
        String id = plane.machine("web1", Map.of("t", newest("acme.Tool")));
        plane.connect(id);
        plane.converge(id);
        plane.report(id, "t", InstallationState.READY);
        assertThat(plane.show("web1", "t").healthy()).isTrue();
        plane.liveness.disconnect(id);
        // Deleting works while the machine is off.
        InstallationView removing = plane.delete("web1", "t").orElseThrow();
        assertThat(removing.removing()).isTrue();
        assertThat(removing.state()).isEqualTo("waiting-machine");
        assertThat(removing.healthy()).isFalse();
        assertThat(plane.delete("web1", "t")).isPresent();
        assertThat(plane.converge(id).installations())
                .singleElement()
                .satisfies(line -> assertThat(line.presence().wire()).isEqualTo("absent"));
        assertThat(plane.show("web1", "t").state()).isEqualTo("pending");
        plane.report(id, "t", InstallationState.REMOVING);
        assertThat(plane.show("web1", "t").state()).isEqualTo("removing");
        plane.report(id, "t", InstallationState.REMOVED);
        assertThat(plane.fleet.listInstallations("default", "web1")).isEmpty();
        assertThat(plane.fleet.goal(id).installations()).isEmpty();
        assertThat(plane.fleet.goalGeneration(id)).isEqualTo(3);
    }

    @Test
    void isRemovedByTheMachineOnceAGoalWithItMayHaveLeft() {
        plane.publish("acme.Tool", "1.0");
        String id = plane.machine("web1", Map.of("t", newest("acme.Tool")));
        plane.connect(id);
        plane.fleet.offerGoal(id);
        // The acknowledgement is on its way, or lost: the machine may be installing it right now.
        assertThat(plane.delete("web1", "t")).isPresent();
        assertThat(plane.fleet.goal(id).installations()).hasSize(1);
    }

    @Test
    void ignoresRemovalsOfWhatIsWantedAgain() {
        plane.publish("acme.Tool", "1.0");
        String id = plane.machine("web1", Map.of("t", newest("acme.Tool")));
        plane.connect(id);
        plane.converge(id);
        plane.delete("web1", "t");
        var absent = plane.converge(id);
        assertThat(plane.put("web1", "t", newest("acme.Tool")).sequence()).isEqualTo(1);
        plane.report(
                id, plane.status(absent.installations().getFirst(), absent.generation(), InstallationState.REMOVED));
        assertThat(plane.show("web1", "t").removing()).isFalse();
        plane.converge(id);
        plane.report(id, "t", InstallationState.READY);
        assertThat(plane.show("web1", "t").state()).isEqualTo("ready");
    }

    @Test
    void hasNoMoreThanFitsIntoAGoal() {
        plane.publish("acme.Tool", "1.0", ", \"instances\": \"many\"");
        plane.machine("web1");
        Map<String, Object> large = Map.of("text", "x".repeat(200 * 1024));
        refused(
                ProblemCode.REQUEST_TOO_LARGE,
                "256 KiB",
                () -> plane.put("web1", "a", settings("acme.Tool", Map.of("text", "x".repeat(300 * 1024)))));
        plane.put("web1", "a", settings("acme.Tool", large));
        plane.put("web1", "b", settings("acme.Tool", large));
        plane.put("web1", "c", settings("acme.Tool", large));
        refused(
                ProblemCode.REQUEST_TOO_LARGE,
                "4 installations",
                () -> plane.put("web1", "d", settings("acme.Tool", large)));
    }
}
