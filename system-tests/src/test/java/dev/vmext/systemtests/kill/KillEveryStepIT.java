package dev.vmext.systemtests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.InstallationState;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operation is done twice: by an agent that nobody disturbs, and by a row of agents of which each is killed at the next place of the
 * list. The machine must look the same afterwards, and every command must have been called as often. A kind of step is killed twice, a
 * command three times: begun, in its midst (a command: while the handler runs), and done but not yet written down.
 */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class KillEveryStepIT {
    private static final StepTrap.Place BEGUN = new StepTrap.Place("dev.vmext.agent.run.StepRunner", "carryOut");
    private static final StepTrap.Place WRITTEN_NEXT = new StepTrap.Place("dev.vmext.agent.StepsUnderWay", "ended");
    private static final StepTrap.Place SECOND_FILE =
            new StepTrap.Place("dev.vmext.packageformat.archive.PackageUnpacker", "write", 2);
    private static final StepTrap.Place COPYING =
            new StepTrap.Place("dev.vmext.agent.contract.ContractFiles", "copyFiles");
    private static final StepTrap.Place WRITING =
            new StepTrap.Place("dev.vmext.agent.contract.ContractFiles", "replace");
    /** Of the visitor, which is called for the first file: some of the folder is gone when it is called for the second. */
    private static final StepTrap.Place SECOND_DELETION =
            new StepTrap.Place("dev.vmext.agent.config.Folders$1", "visitFile", 2);

    @TempDir
    Path temp;

    interface Action {
        void on(KilledMachine machine) throws Exception;
    }

    /** What is killed, one after the other. */
    sealed interface Kill {
        /** A step that works on files, held here. */
        record Files(Class<? extends Step> kind, StepTrap.Place midst) implements Kill {}

        /** A command of this version's handler. */
        record Command(HandlerCommand command, String version) implements Kill {}

        /** A command whose handler ends before there is an agent again. */
        record Alone(HandlerCommand command, String version) implements Kill {}
    }

    record Operation(String name, Action before, Action asks, InstallationState end, List<Kill> kills) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Action NOTHING = machine -> {};

    private static Action installed(String version) {
        return machine -> {
            machine.want(machine.offer(version), 0);
            machine.until(InstallationState.READY);
        };
    }

    private static SamplePackage oneShot(SamplePackage sample) {
        return sample.extension("kind", "\"one-shot\"");
    }

    static List<Operation> operations() {
        return List.of(
                new Operation(
                        "install",
                        NOTHING,
                        machine -> machine.want(machine.offer("1.0.0"), 0),
                        InstallationState.READY,
                        List.of(
                                new Kill.Files(Step.Fetch.class, BEGUN),
                                new Kill.Files(Step.Unpack.class, SECOND_FILE),
                                new Kill.Files(Step.WriteSettings.class, WRITING),
                                new Kill.Command(HandlerCommand.INSTALL, "1.0.0"),
                                new Kill.Command(HandlerCommand.ENABLE, "1.0.0"))),
                new Operation(
                        "update",
                        installed("1.0.0"),
                        machine -> machine.want(machine.offer("1.1.0"), 0),
                        InstallationState.READY,
                        List.of(
                                new Kill.Files(Step.KeepOld.class, COPYING),
                                new Kill.Command(HandlerCommand.DISABLE, "1.0.0"),
                                new Kill.Files(Step.CopyState.class, COPYING),
                                new Kill.Command(HandlerCommand.UPDATE, "1.1.0"),
                                new Kill.Command(HandlerCommand.UNINSTALL, "1.0.0"),
                                new Kill.Files(Step.Remove.class, SECOND_DELETION))),
                new Operation(
                        "update-that-fails",
                        machine -> {
                            installed("1.0.0").on(machine);
                            machine.failing("enable 1.1.0");
                        },
                        machine -> machine.want(machine.offer("1.1.0"), 0),
                        InstallationState.RETURNED,
                        List.of(
                                new Kill.Command(HandlerCommand.ENABLE, "1.1.0"),
                                new Kill.Files(Step.Remove.class, BEGUN),
                                new Kill.Files(Step.RestoreOld.class, COPYING))),
                new Operation(
                        "removal",
                        installed("1.0.0"),
                        machine -> machine.want(machine.offer("1.0.0"), Presence.ABSENT, 0, Terms.NONE),
                        InstallationState.REMOVED,
                        List.of(
                                new Kill.Alone(HandlerCommand.DISABLE, "1.0.0"),
                                new Kill.Files(Step.Forget.class, SECOND_DELETION))),
                new Operation(
                        "reset",
                        installed("1.0.0"),
                        machine -> machine.want(
                                machine.offer("1.0.0"),
                                Presence.PRESENT,
                                0,
                                new Terms(new Order(1, Order.Kind.RESET), Map.of(), List.of())),
                        InstallationState.READY,
                        List.of(
                                new Kill.Command(HandlerCommand.UNINSTALL, "1.0.0"),
                                new Kill.Files(Step.Remove.class, SECOND_DELETION))),
                new Operation(
                        "one-shot",
                        NOTHING,
                        machine -> machine.want(machine.offer("1.0.0", KillEveryStepIT::oneShot), 0),
                        InstallationState.READY,
                        List.of(new Kill.Alone(HandlerCommand.ENABLE, "1.0.0"))),
                new Operation(
                        "one-shot-of-a-new-version",
                        machine -> {
                            machine.want(machine.offer("1.0.0", KillEveryStepIT::oneShot), 0);
                            machine.until(InstallationState.READY);
                        },
                        machine -> machine.want(machine.offer("1.1.0", KillEveryStepIT::oneShot), 0),
                        InstallationState.READY,
                        List.of(new Kill.Files(Step.Adopt.class, BEGUN))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void theMachineEndsAsIfNobodyHadKilledAnything(Operation operation) throws Exception {
        List<String> calm = run(operation, temp.resolve("calm"), List.of());
        assertThat(calm).anyMatch(line -> line.startsWith("called ") || line.startsWith("status "));
        assertThat(run(operation, temp.resolve("killed"), operation.kills())).isEqualTo(calm);
    }

    private static List<String> run(Operation operation, Path folder, List<Kill> kills) throws Exception {
        try (KilledMachine machine = new KilledMachine(folder)) {
            machine.enrol();
            operation.before().on(machine);
            machine.victim.close();
            operation.asks().on(machine);
            for (Kill kill : kills) {
                switch (kill) {
                    case Kill.Files(var kind, var midst) -> {
                        machine.killAt(midst, kind::isInstance);
                        machine.killAt(WRITTEN_NEXT, kind::isInstance);
                    }
                    case Kill.Command(var command, String version) -> {
                        machine.killAt(BEGUN, step -> runs(step, command));
                        machine.killInTheMidst(
                                command.text() + " " + version, WRITTEN_NEXT, step -> runs(step, command));
                    }
                    case Kill.Alone(var command, String version) ->
                        machine.killAndLetItEndAlone(command.text() + " " + version);
                }
            }
            machine.victim.start();
            machine.until(operation.end());
            machine.victim.close();
            return machine.end();
        }
    }

    private static boolean runs(Step step, HandlerCommand command) {
        return step instanceof Step.Run(Slot _, HandlerCommand begun, Slot _) && begun == command;
    }

    /** A new kind of step is killed too, or this fails. */
    @Test
    void everyKindOfStepIsKilled() {
        Set<String> killed = operations().stream()
                .flatMap(operation -> operation.kills().stream())
                .map(kill -> switch (kill) {
                    case Kill.Files(var kind, var _) -> kind.getSimpleName();
                    case Kill.Command(var command, String _) -> command.text();
                    case Kill.Alone(var command, String _) -> command.text() + " that ends alone";
                })
                .collect(Collectors.toSet());
        Set<String> kinds = Arrays.stream(Step.class.getPermittedSubclasses())
                .filter(kind -> kind != Step.Run.class)
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());
        kinds.addAll(
                Arrays.stream(HandlerCommand.values()).map(HandlerCommand::text).collect(Collectors.toSet()));
        assertThat(killed).containsAll(kinds);
    }
}
