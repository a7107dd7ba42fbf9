package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandTest {
    private final Plane plane = new Plane();
    private final String machineId = plane.machine("web1");

    private CommandView run(String script) {
        return plane.fleet.runCommand(Plane.ADMIN, Plane.PROJECT, "web1", create(script, null));
    }

    private static CommandCreate create(String script, @Nullable String user) {
        return new CommandCreate(script, null, user, null, null, null);
    }

    private CommandView look(String id) {
        return plane.fleet.getCommand(Plane.PROJECT, "web1", id);
    }

    private ProblemCode refused(Runnable call) {
        return catchThrowableOfType(ProblemException.class, call::run).code();
    }

    private static CommandExit exit(String id, CommandState state, @Nullable Integer code) {
        return new CommandExit(id, state, code, 1, 2, false, null);
    }

    @Test
    void scriptIsForgottenAsSoonAsTheMachineHasIt() {
        CommandView made = run("echo s3cret");
        assertThat(plane.fleet.openCommands(machineId).getFirst().request().script())
                .isEqualTo("echo s3cret");
        plane.fleet.commandAccepted(machineId, made.id());
        assertThat(plane.fleet.openCommands(machineId).getFirst().request().script())
                .isEmpty();
        assertThat(plane.fleet.audit(10)).noneMatch(entry -> entry.toString().contains("s3cret"));
        assertThat(plane.fleet.audit(1).getFirst().action()).isEqualTo("command.run");
    }

    @Test
    void theFirstWordAboutTheEndCounts() {
        CommandView made = run("true");
        plane.fleet.commandAccepted(machineId, made.id());
        plane.fleet.commandEnded(machineId, exit(made.id(), CommandState.EXITED, 3));
        plane.fleet.commandEnded(machineId, exit(made.id(), CommandState.INTERRUPTED, null));
        plane.fleet.commandAccepted(machineId, made.id());
        assertThat(look(made.id()).state()).isEqualTo("exited");
        assertThat(look(made.id()).exitCode()).isEqualTo(3);
    }

    @Test
    void anotherMachineCannotSpeakForIt() {
        String other = plane.machine("web2");
        CommandView made = run("true");
        assertThat(plane.fleet.commandAccepted(other, made.id())).isEmpty();
        assertThat(plane.fleet.commandEnded(other, exit(made.id(), CommandState.EXITED, 0)))
                .isEmpty();
        assertThat(look(made.id()).state()).isEqualTo("waiting-machine");
        assertThat(refused(() -> plane.fleet.getCommand(Plane.PROJECT, "web2", made.id())))
                .isEqualTo(ProblemCode.COMMAND_NOT_FOUND);
    }

    @Test
    void whatNoMachineTookInTimeIsGivenUp() {
        CommandView made = run("true");
        plane.clock.advance(Duration.ofMinutes(59));
        plane.fleet.expireCommands();
        assertThat(look(made.id()).state()).isEqualTo("waiting-machine");
        plane.clock.advance(Duration.ofMinutes(1));
        plane.fleet.expireCommands();
        assertThat(look(made.id()).state()).isEqualTo("expired");
    }

    @Test
    void aCommandGivenUpThatRunsAfterAllIsToldToStop() {
        CommandView made = run("true");
        assertThat(plane.fleet
                        .cancelCommand(Plane.ADMIN, Plane.PROJECT, "web1", made.id())
                        .state())
                .isEqualTo("cancelled");
        plane.fleet.commandAccepted(machineId, made.id());
        assertThat(look(made.id()).state()).isEqualTo("running");
        assertThat(look(made.id()).cancelling()).isTrue();
        plane.fleet.commandEnded(machineId, exit(made.id(), CommandState.CANCELLED, null));
        assertThat(look(made.id()).state()).isEqualTo("cancelled");
    }

    @Test
    void aRunningOneIsCancelledWhenTheMachineSaysSo() {
        CommandView made = run("sleep 100");
        plane.fleet.commandAccepted(machineId, made.id());
        assertThat(plane.fleet
                        .cancelCommand(Plane.ADMIN, Plane.PROJECT, "web1", made.id())
                        .cancelling())
                .isTrue();
        assertThat(look(made.id()).state()).isEqualTo("running");
        long audited = plane.fleet.audit(100).size();
        plane.fleet.cancelCommand(Plane.ADMIN, Plane.PROJECT, "web1", made.id());
        assertThat(plane.fleet.audit(100)).hasSize((int) audited);
    }

    @Test
    void onlySoManyWaitAndOnlySoManyAreRemembered() {
        for (int i = 0; i < Commands.OPEN; i++) {
            run("true");
        }
        assertThat(refused(() -> run("true"))).isEqualTo(ProblemCode.TOO_MANY_COMMANDS);
        for (int i = 0; i < Commands.KEPT * 2; i++) {
            plane.clock.advance(Duration.ofSeconds(1));
            plane.fleet.openCommands(machineId).forEach(command -> {
                plane.fleet.commandAccepted(machineId, command.id());
                plane.fleet.commandEnded(machineId, exit(command.id(), CommandState.EXITED, 0));
            });
            run("true");
        }
        assertThat(plane.fleet.listCommands(Plane.PROJECT, "web1")).hasSizeLessThanOrEqualTo(Commands.KEPT);
    }

    @Test
    void refusesWhatCannotBeRun() {
        assertThat(refused(() -> run(" "))).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(refused(
                        () -> plane.fleet.runCommand(Plane.ADMIN, Plane.PROJECT, "web1", create("true", "root; rm"))))
                .isEqualTo(ProblemCode.INVALID_VALUE);
        for (String path : new String[] {"sh", "/bin/../../x", "/a b", "/x'y"}) {
            assertThat(refused(() -> plane.fleet.runCommand(
                            Plane.ADMIN,
                            Plane.PROJECT,
                            "web1",
                            new CommandCreate("true", path, null, null, null, null))))
                    .as(path)
                    .isEqualTo(ProblemCode.INVALID_VALUE);
        }
        assertThat(refused(() -> plane.fleet.runCommand(
                        Plane.ADMIN, Plane.PROJECT, "web1", new CommandCreate("x", null, null, null, 0, null))))
                .isEqualTo(ProblemCode.INVALID_VALUE);
    }
}
