package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.protocol.JsonText;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who has a repository, who may use it, and what may be wanted of it. */
class RepositoryTest {
    private static final String BACKUP = "acme.Backup";
    private static final RepositoryPolicy NOTHING = RepositoryPolicy.NOTHING;

    private final Plane plane = new Plane();
    private final Fleet fleet = plane.fleet;
    private String web1 = "";
    private String web2 = "";

    @BeforeEach
    void make() {
        plane.publish(BACKUP, "1.0", ", \"instances\": \"many\", \"gateway\": [\"repository\"]");
        plane.publish("acme.Web", "1.0");
        web1 = plane.machine("web1");
        web2 = plane.machine("web2");
        fleet.settingsKeyPublished(web1, "certificate of web1");
        fleet.settingsKeyPublished(web2, "certificate of web2");
    }

    private static InstallationWrite reads(String machine, String installation) {
        return Plane.settings(BACKUP, Map.of("from", Map.of("machine", machine, "installation", installation)));
    }

    /** What the machine can decrypt for an installation. */
    private Map<String, Object> secret(String machineId, String name) {
        InstallationGoal line = fleet.offerGoal(machineId).installations().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
        ProtectedSettings secret = line.protectedSettings();
        return secret == null ? Map.of() : JsonText.readObject(FakeSealer.open(secret));
    }

    private String password(String machine, String installation) {
        return fleet.repositoryKey(Plane.ADMIN, Plane.PROJECT, machine, installation)
                .password();
    }

    private RepositoryView view(String machine) {
        return fleet.getRepository(Plane.PROJECT, machine, "backup");
    }

    private RepositoryView write(RepositoryPolicy policy) {
        return fleet.writeRepository(Plane.ADMIN, Plane.PROJECT, "web1", "backup", new RepositoryWrite(policy, null));
    }

    private static ProblemCode refused(Runnable call) {
        try {
            call.run();
        } catch (ProblemException e) {
            return e.code();
        }
        throw new AssertionError("it was not refused");
    }

    @Test
    void theFirstInstallationMakesARepositoryWhosePasswordReachesTheMachineAlone() {
        plane.put("web1", "backup", Plane.newest(BACKUP));

        assertThat(view("web1").inUse()).isTrue();
        String password = password("web1", "backup");
        assertThat(password.length()).isGreaterThan(40);
        assertThat(secret(web1, "backup")).isEqualTo(Map.of("repositoryPassword", password));
        assertThat(view("web1").toString()).doesNotContain(password);
        assertThat(fleet.getInstallation(Plane.PROJECT, "web1", "backup").toString())
                .doesNotContain(password)
                .doesNotContain("repositoryPassword");
        assertThat(fleet.audit(1).getFirst().action()).isEqualTo("repository.key");
    }

    @Test
    void thePasswordStaysThroughEveryChangeAndBesideWhatTheOperatorGives() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        String password = password("web1", "backup");
        long sequence = fleet.goalGeneration(web1);
        plane.put("web1", "backup", Plane.newest(BACKUP));
        assertThat(fleet.goalGeneration(web1)).as("the same again").isEqualTo(sequence);

        plane.put("web1", "backup", Plane.secret(BACKUP, Map.of("environment", "x")));
        assertThat(secret(web1, "backup")).isEqualTo(Map.of("environment", "x", "repositoryPassword", password));
        plane.put("web1", "backup", Plane.settings(BACKUP, Map.of("sources", List.of("/etc"))));
        assertThat(secret(web1, "backup")).isEqualTo(Map.of("environment", "x", "repositoryPassword", password));

        fleet.deleteInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "backup");
        plane.put("web1", "backup", Plane.newest(BACKUP));
        assertThat(password("web1", "backup")).as("after it was uninstalled").isEqualTo(password);
    }

    @Test
    void aRepositoryOfTheOperatorsOwnTakesThePasswordAway() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        plane.put("web1", "backup", Plane.settings(BACKUP, Map.of("repository", Map.of("url", "s3:x"))));

        assertThat(secret(web1, "backup")).isEmpty();
        assertThat(view("web1").inUse()).isFalse();
        plane.converge(web1);
        plane.report(web1, "backup", InstallationState.FAILED);
        assertThat(fleet.repositoryAccess(web1, web1, "backup"))
                .as("the settings before are at work")
                .isEqualTo(RepositoryAccess.APPEND);
        assertThat(fleet.repositoryAccess(web2, web1, "backup")).isEqualTo(RepositoryAccess.NONE);
        plane.report(web1, "backup", InstallationState.READY);
        assertThat(fleet.repositoryAccess(web1, web1, "backup")).isEqualTo(RepositoryAccess.NONE);
        plane.put(
                "web1",
                "own",
                new InstallationWrite(
                        BACKUP,
                        null,
                        Map.of("repository", Map.of("url", "s3:x")),
                        Map.of("repositoryPassword", "mine"),
                        null,
                        null));
        assertThat(secret(web1, "own")).isEqualTo(Map.of("repositoryPassword", "mine"));
        assertThatThrownBy(() -> plane.put("web1", "other", Plane.secret(BACKUP, Map.of("repositoryPassword", "mine"))))
                .hasMessageContaining("repositoryPassword");
    }

    @Test
    void onlyItsOwnMachineAppendsAndOnlyForAPackageThatDeclaresIt() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        plane.put("web2", "backup", Plane.newest(BACKUP));
        plane.put("web2", "web", Plane.newest("acme.Web"));

        assertThat(fleet.repositoryAccess(web1, web1, "backup")).isEqualTo(RepositoryAccess.APPEND);
        assertThat(fleet.repositoryAccess(web2, web1, "backup")).isEqualTo(RepositoryAccess.NONE);
        assertThat(fleet.repositoryAccess(web2, web2, "web")).isEqualTo(RepositoryAccess.NONE);
        assertThat(fleet.listRepositories(Plane.PROJECT))
                .extracting(RepositoryView::machine)
                .containsExactly("web1", "web2");
        fleet.deleteInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "backup");
        assertThat(fleet.repositoryAccess(web1, web1, "backup")).isEqualTo(RepositoryAccess.NONE);
    }

    @Test
    void aRestoreReadsForAsLongAsItIsThereAlsoFromAMachineThatIsGone() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        String password = password("web1", "backup");
        fleet.forgetMachine(Plane.ADMIN, Plane.PROJECT, "web1");
        assertThat(view(web1).machineExists()).isFalse();
        String again = plane.machine("web1");
        fleet.settingsKeyPublished(again, "certificate of the new web1");
        plane.put("web1", "backup", Plane.newest(BACKUP));

        plane.put("web2", "restore", reads(web1, "backup"));
        assertThat(secret(web2, "restore")).isEqualTo(Map.of("repositoryPassword", password));
        assertThat(fleet.repositoryAccess(web2, web1, "backup")).isEqualTo(RepositoryAccess.READ);
        assertThat(fleet.repositoryAccess(web2, again, "backup"))
                .as("the name means the machine that is there")
                .isEqualTo(RepositoryAccess.NONE);
        plane.put("web2", "restore", reads("web1", "backup"));
        assertThat(fleet.repositoryAccess(web2, again, "backup")).isEqualTo(RepositoryAccess.READ);
        assertThat(fleet.repositoryAccess(web2, web1, "backup")).isEqualTo(RepositoryAccess.NONE);
        fleet.deleteInstallation(Plane.ADMIN, Plane.PROJECT, "web2", "restore");
        assertThat(fleet.repositoryAccess(web2, again, "backup")).isEqualTo(RepositoryAccess.NONE);
        assertThat(refused(() -> plane.put("web2", "restore-2", reads("web9", "backup"))))
                .isEqualTo(ProblemCode.REPOSITORY_NOT_FOUND);
    }

    @Test
    void writtenFieldsReplaceAndTheOthersStay() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        assertThat(view("web1").policy()).isEqualTo(RepositoryPolicy.DEFAULTS);
        RepositoryPolicy daily = new RepositoryPolicy(
                null, null, 14, null, null, null, null, null, 100, null, null, null, null, null, null, null, "/mnt/x",
                null, null);

        RepositoryPolicy after = write(daily).policy();
        assertThat(after).isEqualTo(daily.over(RepositoryPolicy.DEFAULTS));
        assertThat(fleet.repositoryQuotaMiB(web1, "backup")).isEqualTo(100);
        fleet.writeRepository(
                Plane.ADMIN,
                Plane.PROJECT,
                "web1",
                "backup",
                new RepositoryWrite(null, Map.of("AWS_SECRET_ACCESS_KEY", "hush")));
        assertThat(view("web1").replicaSecrets()).containsExactly("AWS_SECRET_ACCESS_KEY");
        assertThat(fleet.repositorySecrets(web1, "backup").replicaEnvironment())
                .isEqualTo(Map.of("AWS_SECRET_ACCESS_KEY", "hush"));
        assertThat(fleet.audit(1).getFirst().toString()).doesNotContain("hush");
    }

    @ParameterizedTest
    @CsvSource({
        "replica, sftp:-oProxyCommand=x:/y",
        "replica, relative/folder",
        "replica, rclone:x:y",
        "keepWithin, soon",
        "proofProgram, ../../bin/sh",
        "proofProgram, -x",
    })
    void refusesTextsThatAProgramCouldTakeForSomethingElse(String field, String text) {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        RepositoryPolicy bad = new RepositoryPolicy(
                null,
                null,
                null,
                null,
                null,
                null,
                field.equals("keepWithin") ? text : null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                field.equals("proofProgram") ? text : null,
                null,
                field.equals("replica") ? text : null,
                null,
                null);
        assertThatThrownBy(() -> write(bad)).hasMessageContaining(field);
        assertThat(view("web1").policy()).isEqualTo(RepositoryPolicy.DEFAULTS);
    }

    @Test
    void refusesToKeepNothingAndSecretsThatMakeAProgramRunAnother() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        RepositoryPolicy none = new RepositoryPolicy(
                0, 0, 0, 0, 0, 0, "", null, null, null, null, null, null, null, null, null, null, null, null);
        assertThat(refused(() -> write(none))).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(refused(() -> fleet.writeRepository(
                        Plane.ADMIN,
                        Plane.PROJECT,
                        "web1",
                        "backup",
                        new RepositoryWrite(NOTHING, Map.of("LD_PRELOAD", "/tmp/x.so")))))
                .isEqualTo(ProblemCode.INVALID_VALUE);
    }

    @Test
    void isDeletedOnlyWhenNobodyUsesIt() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        assertThat(refused(() -> fleet.deleteRepository(Plane.ADMIN, Plane.PROJECT, "web1", "backup")))
                .isEqualTo(ProblemCode.REPOSITORY_IN_USE);
        fleet.deleteInstallation(Plane.ADMIN, Plane.PROJECT, "web1", "backup");
        fleet.deleteRepository(Plane.ADMIN, Plane.PROJECT, "web1", "backup");
        assertThat(refused(() -> view("web1"))).isEqualTo(ProblemCode.REPOSITORY_NOT_FOUND);
    }

    @Test
    void newsOfItAreStored() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        RepositoryStatus.Outcome good =
                new RepositoryStatus.Outcome(Objects.requireNonNull(plane.clock.instant()), true, "fine", 3);
        fleet.repositoryStatus(web1, "backup", status -> status.checked(good));
        fleet.repositoryStatus(web1, "gone", status -> status.checked(good));
        assertThat(view("web1").status().lastCheck()).isEqualTo(good);
    }

    private InstallationView installation(String machine, String name) {
        return fleet.getInstallation(Plane.PROJECT, machine, name);
    }

    private MachineRecord recover(String as, @Nullable String from) {
        return fleet.recoverMachine(Plane.ADMIN, Plane.PROJECT, "web1", new MachineRecover(as, from, null));
    }

    private void publishRestore() {
        plane.publish("vmext.Restore", "1.0", ", \"instances\": \"many\", \"gateway\": [\"repository\"]");
    }

    @Test
    void aLostMachineGetsItsDataBackOutOfItsBackup() {
        publishRestore();
        plane.put("web1", "backup", Plane.newest(BACKUP));
        plane.put("web1", "web", Plane.newest("acme.Web"));
        String password = password("web1", "backup");

        recover("web1", "backup");

        fleet.settingsKeyPublished(web1, "certificate of the new web1");
        Map<String, Object> settings = installation("web1", "recover-backup").settings();
        assertThat(settings)
                .containsEntry("from", Map.of("machine", web1, "installation", "backup"))
                .containsEntry(
                        "snapshot",
                        plane.clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        assertThat(settings.get("exclude")).asInstanceOf(LIST).contains("/etc/machine-id", "/var/lib/vmext");
        assertThat(secret(web1, "recover-backup")).isEqualTo(Map.of("repositoryPassword", password));
        assertThat(fleet.findRestore(web1).orElseThrow().snapshotId()).isNull();

        plane.clock.advance(Duration.ofDays(1));
        recover("web1", "nothing");
        assertThat(installations("web1"))
                .as("what was restored onto the disk before this one")
                .containsExactlyInAnyOrder("backup", "web");
    }

    @Test
    void aSecondMachineReadsTheBackupOfTheFirstAndWritesIntoOneOfItsOwn() {
        publishRestore();
        plane.put("web1", "backup", Plane.secret(BACKUP, Map.of("environment", "x")));

        String web9 = recover("web9", "backup").id();

        fleet.settingsKeyPublished(web9, "certificate of web9");
        assertThat(secret(web9, "recover-backup")).isEqualTo(Map.of("repositoryPassword", password("web1", "backup")));
        assertThat(secret(web9, "backup"))
                .isEqualTo(Map.of("environment", "x", "repositoryPassword", password("web9", "backup")));
        assertThat(password("web9", "backup")).isNotEqualTo(password("web1", "backup"));
        assertThat(fleet.repositoryAccess(web9, web9, "backup")).isEqualTo(RepositoryAccess.APPEND);
        assertThat(fleet.repositoryAccess(web9, web1, "backup")).isEqualTo(RepositoryAccess.READ);
    }

    @Test
    void whereNobodySaysWhatFromABackupCountsWhenThereIsOne() {
        plane.put("web1", "backup", Plane.newest(BACKUP));
        recover("web4", null);
        assertThat(installations("web4")).containsExactly("backup");
        publishRestore();
        recover("web5", null);
        assertThat(installations("web5")).as("no snapshot in it yet").containsExactly("backup");
        fleet.repositoryStatus(
                web1,
                "backup",
                status -> status.measured(plane.clock.instant(), plane.clock.instant(), 1, 1, 1, List.of()));
        recover("web6", null);
        assertThat(installations("web6")).containsExactlyInAnyOrder("backup", "recover-backup");
        assertThat(refused(() -> fleet.recoverMachine(
                        Plane.ADMIN, Plane.PROJECT, "web2", new MachineRecover(null, "backup", null))))
                .isEqualTo(ProblemCode.REPOSITORY_NOT_FOUND);
    }

    private List<String> installations(String machine) {
        return fleet.listInstallations(Plane.PROJECT, machine).stream()
                .map(InstallationView::name)
                .toList();
    }
}
