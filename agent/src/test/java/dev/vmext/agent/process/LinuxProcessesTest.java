package dev.vmext.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LinuxProcessesTest extends ProcessesContract {
    @Override
    Processes processes() throws Exception {
        return new LinuxProcesses(Path.of("src/main/sh/run-handler").toAbsolutePath(), 4096, Thread::sleep);
    }

    @Test
    void passesExactlyTheGivenEnvironment() throws Exception {
        CommandLine command = command("a", "env | grep -v '^PWD=\\|^SHLVL=\\|^_=\\|^OLDPWD=' | sort");
        assertThat(processes().start(command).await(LONG)).contains(new Outcome.Exited(0));
        assertThat(OutputFile.tail(command.runFolder().resolve("output"), 1000))
                .isEqualTo("GIVEN=yes\nPATH=/usr/bin:/bin\n");
    }

    @Test
    void measuresTheTimeOfACommandAlsoWithoutLimits() throws Exception {
        CommandLine command = command("a", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");
        RunningCommand running = processes().start(command);
        assertThat(running.await(LONG)).contains(new Outcome.Exited(0));
        assertThat(running.measured().confined()).isFalse();
        assertThat(running.measured().cpuMillis()).isPositive();
        assertThat(processes().attach(command.runFolder()).measured()).isEqualTo(running.measured());
    }

    @Test
    void stopsWaitingWhenSomebodyHasSeenEnough() throws Exception {
        RunningCommand running = processes().start(command("a", "sleep 1000"));
        assertThat(running.await(Duration.ofHours(1), () -> true)).isEmpty();
        running.kill();
        assertThat(running.await(LONG)).get().isInstanceOf(Outcome.Vanished.class);
    }

    @Test
    void aCommandRunsWithoutLimitsWhereNobodyGivesThem() throws Exception {
        CommandLine command = command("a", "echo hello")
                .within(Confinement.of("web", "web-1-0", OptionalInt.of(50), OptionalInt.of(64), OptionalInt.of(20)));
        assertThat(processes().start(command).await(LONG)).contains(new Outcome.Exited(0));
        assertThat(OutputFile.tail(command.runFolder().resolve("output"), 100)).isEqualTo("hello\n");
    }

    @Test
    void onlyGroupsOfOurSlicesAreBelieved() throws Exception {
        Path folder = runFolder("a");
        for (String path :
                List.of("/system.slice/ssh.service", "/vmext.slice/../system.slice/a.scope", "/", "/vmext.slice")) {
            Files.writeString(folder.resolve("cgroup"), path + "\n");
            assertThat(ControlGroup.of(folder)).as(path).isEmpty();
        }
        Files.writeString(folder.resolve("cgroup"), "/vmext.slice/vmext-web.slice/vmext-web-1.scope\n");
        assertThat(ControlGroup.of(folder)).isPresent();
        assertThat(ControlGroup.of(folder).orElseThrow().members()).isEmpty();
    }

    @Test
    void leavesADaemonOfASuccessfulCommandAlone() throws Exception {
        Path pidFile = temp.resolve("daemon");
        CommandLine command = command("a", "sleep 1000 & echo $! > " + pidFile + "; exit 0");
        assertThat(processes().start(command).await(LONG)).contains(new Outcome.Exited(0));
        long daemon = Long.parseLong(Files.readString(pidFile).strip());
        assertThat(ProcStat.of(daemon)).isPresent();
        ProcessHandle.of(daemon).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void killsChildrenThatWereGivenAwayToInit() throws Exception {
        Path pidFile = temp.resolve("orphan");
        RunningCommand running = processes()
                .start(command(
                        "a",
                        "(sleep 1000 & echo $! > " + pidFile + ".new; mv " + pidFile + ".new " + pidFile
                                + "); sleep 1000"));
        while (!Files.exists(pidFile)) {
            assertThat(running.await(Duration.ofMillis(20))).isEmpty();
        }
        long orphan = Long.parseLong(Files.readString(pidFile).strip());
        running.kill();
        assertThat(ProcStat.of(orphan).filter(stat -> !stat.dead())).isEmpty();
    }

    @Test
    void capsTheOutputWhileTheCommandRuns() throws Exception {
        CommandLine command = command(
                "a",
                "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; "
                        + "touch done; while [ -e done ]; do sleep 0.05; done; echo last");
        RunningCommand running = processes().start(command);
        Path output = command.runFolder().resolve("output");
        while (!Files.exists(temp.resolve("done")) || Files.size(output) > 4096) {
            assertThat(running.await(Duration.ofMillis(50))).isEmpty();
        }
        Files.delete(temp.resolve("done"));
        assertThat(running.await(LONG)).contains(new Outcome.Exited(0));
        assertThat(OutputFile.tail(output, 10_000))
                .endsWith("line 19999\nlast\n")
                .hasSizeLessThan(4200);
    }

    @Test
    void aProcessOfAnotherBootIsGone() throws Exception {
        Path folder = runFolder("a");
        Files.createDirectory(folder.resolve("claim"));
        Files.writeString(folder.resolve("pid"), ProcessHandle.current().pid() + " 1 another-boot\n");
        Optional<Outcome> outcome = processes().attach(folder).await(LONG);
        assertThat(outcome).get().isInstanceOf(Outcome.Vanished.class);
        assertThat(((Outcome.Vanished) outcome.orElseThrow()).evidence()).contains("restarted");
    }

    @Test
    void whatIsGoneWhileTheMachineGoesDownIsDecidedAfterTheRestart() throws Exception {
        AtomicBoolean goingDown = new AtomicBoolean(true);
        Processes processes = new LinuxProcesses(
                Path.of("src/main/sh/run-handler").toAbsolutePath(), 4096, Thread::sleep, goingDown::get);
        CommandLine command = command("a", "kill -9 $PPID; kill -9 $$");
        RunningCommand running = processes.start(command);
        assertThat(running.await(Duration.ofSeconds(2))).isEmpty();
        goingDown.set(false);
        assertThat(running.await(LONG))
                .get()
                .isInstanceOfSatisfying(
                        Outcome.Vanished.class,
                        gone -> assertThat(gone.rebooted()).isFalse());
        Path pid = command.runFolder().resolve("pid");
        Files.writeString(pid, Files.readString(pid).replaceFirst("\\S+\\s*$", "another-boot\n"));
        goingDown.set(true);
        assertThat(processes.attach(command.runFolder()).await(LONG))
                .get()
                .isInstanceOfSatisfying(
                        Outcome.Vanished.class,
                        gone -> assertThat(gone.rebooted()).isTrue());
    }

    @Test
    void aNumberGivenToAnotherProcessIsNotTakenForTheOldOne() throws Exception {
        Processes processes = processes();
        Path folder = runFolder("a");
        Files.createDirectory(folder.resolve("claim"));
        Files.writeString(folder.resolve("pid"), ProcessHandle.current().pid() + " 1 " + processes.bootId() + "\n");
        assertThat(processes.attach(folder).await(LONG)).get().isInstanceOf(Outcome.Vanished.class);
    }

    @Test
    void readsAStatLineWhoseNameHoldsBracketsAndSpaces() {
        assertThat(ProcStat.parse("42 (a) b (c) S 1 40 41 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0"))
                .contains(new ProcStat(42, 'S', 1, 41, 777));
    }
}
