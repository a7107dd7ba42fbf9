package dev.vmext.systemtests.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code vmext run} and {@code vmext command}, as documented in docs/how-to/run-a-command.md. */
class RunCommandIT extends Desk {
    @Test
    void bothStreamsAndTheExitCodeAreTheCommands() throws Exception {
        Product.Said said = vmext("run", "m1", "--", "sh", "-c", "echo to out; echo to err >&2; exit 7");
        assertThat(said.exit()).as(said.all()).isEqualTo(7);
        assertThat(said.out()).isEqualTo("to out\n");
        assertThat(said.err()).isEqualTo("to err\n");
    }

    @Test
    void wordsReachTheProgramAsTheyAreAndThereIsNoInput() throws Exception {
        assertThat(good("run", "m1", "--", "printf", "%s|", "a b", "$HOME", "it's", "-h")
                        .out())
                .isEqualTo("a b|$HOME|it's|-h|");
        assertThat(Product.vmext(plane.home, "typed", "run", "m1", "--", "cat").out())
                .isEmpty();
    }

    @Test
    void aScriptIsRunByWhatItsFirstLineSays() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "echo shell $0 | sed 's/ .*//'");
        assertThat(good("run", "m1", "--script", plain.toString()).out()).isEqualTo("shell\n");
        Path named = Files.writeString(folder.resolve("named"), "#!/bin/cat\nthis very text");
        assertThat(good("run", "m1", "--script", named.toString()).out()).contains("this very text");
        Path looked = Files.writeString(folder.resolve("looked"), "#!/usr/bin/env -S cat -n\nsecond line");
        assertThat(good("run", "m1", "--script", looked.toString()).out()).contains("2\tsecond line");
        assertThat(Product.vmext(plane.home, "echo from input", "run", "m1", "--script", "-")
                        .out())
                .isEqualTo("from input\n");
    }

    @Test
    void otherUsersAndFoldersAreTakenWhenTheyAreThere() throws Exception {
        // The machine's root lies in a folder of this test's own; nobody else may pass through that otherwise.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        assertThat(good("run", "m1", "--user", "nobody", "--folder", "/tmp", "--", "sh", "-c", "id -un; pwd")
                        .out())
                .isEqualTo("nobody\n/tmp\n");
        Product.Said nobody = vmext("run", "m1", "--user", "nosuch", "--", "id");
        assertThat(nobody.exit()).as(nobody.all()).isEqualTo(4);
        assertThat(nobody.err()).contains("there is no user nosuch");
        Product.Said nowhere = vmext("run", "m1", "--folder", "/nosuch", "--", "pwd");
        assertThat(nowhere.exit()).as(nowhere.all()).isEqualTo(4);
        assertThat(nowhere.err()).contains("there is no folder /nosuch");
    }

    @Test
    void itIsStoppedAtItsDeadline() throws Exception {
        Product.Said said = vmext("run", "m1", "--timeout", "1s", "--", "sh", "-c", "echo begun; sleep 600");
        assertThat(said.exit()).as(said.all()).isEqualTo(124);
        assertThat(said.out()).isEqualTo("begun\n");
        assertThat(said.err()).contains("stopped at its deadline");
    }

    @Test
    void whatCannotBeRunIsSaidAndNothingIsAsked() throws Exception {
        refused(vmext("run", "nosuch", "--", "ls"), 3, "machine-not-found", "nosuch");
        refused(vmext("run", "m1"), 2, "invalid-value", "nothing to run");
        refused(vmext("run", "m1", "--script", "/nosuch"), 2, "file-unreadable", "/nosuch");
        refused(vmext("run", "m1", "--script", "-", "--", "ls"), 2, "invalid-value", "a script and a command");
        Product.Said dashes = vmext("run", "m1", "ls", "-l");
        assertThat(dashes.exit()).isEqualTo(2);
        assertThat(dashes.err()).contains("after --");
    }

    @Test
    void outputComesWhileItRunsAndAnInterruptStopsItOnTheMachine() throws Exception {
        Path mark = folder.resolve("interrupted");
        try (Following run =
                Following.of(plane.home, "run", "m1", "--", "sh", "-c", "echo it runs; sleep 600; touch " + mark)) {
            run.awaitOut("it runs");
            run.interrupt();
            assertThat(run.end()).isNotZero();
            assertThat(run.err()).contains("asked m1 to stop the command");
        }
        JsonNode last = Eventually.until(
                "it is cancelled",
                SOON,
                () -> json("command", "list", "m1").path(0),
                view -> view.path("state").asText().equals("cancelled"));
        assertThat(last.path("cause").path("message").asText()).contains("cancelled while it ran");
        assertThat(mark).doesNotExist();
    }

    @Test
    void aReaderThatGoesAwayStopsItToo() throws Exception {
        List<String> command = new ArrayList<>();
        Product.command("run", "m1", "--", "sh", "-c", "while echo more; do sleep 0.2; done")
                .forEach(word -> command.add("'" + word + "'"));
        Product.Said said = Product.run(
                folder,
                "",
                60,
                Product.environment(plane.home),
                List.of("bash", "-c", String.join(" ", command) + " | head -n 1"));
        assertThat(said.out()).isEqualTo("more\n");
        assertThat(said.err()).contains("nobody reads").doesNotContain("Exception");
        Eventually.until(
                "it is cancelled",
                SOON,
                () -> json("command", "list", "m1").path(0).path("state").asText(),
                "cancelled"::equals);
    }

    @Test
    void aControlPlaneThatIsKilledMeanwhileCostsNothing() throws Exception {
        Path go = folder.resolve("go");
        try (Following run = Following.of(
                plane.home,
                "run",
                "m1",
                "--",
                "sh",
                "-c",
                "echo first; while [ ! -e " + go + " ]; do sleep 0.1; done; echo last; exit 5")) {
            run.awaitOut("first");
            plane.killNine();
            run.awaitErr("the connection to the control plane broke");
            Files.createFile(go);
            plane.startAgain();
            assertThat(run.end()).as(run.err()).isEqualTo(5);
            assertThat(run.out()).isEqualTo("first\nlast\n");
            assertThat(run.err()).contains("connected again").doesNotContain("Exception");
        }
    }

    @Test
    void aDetachedCommandIsListedShownAndStopped() throws Exception {
        String id = good("run", "m1", "--detach", "--", "sh", "-c", "echo alone; sleep 600")
                .out()
                .strip();
        assertThat(good("command", "list", "m1").out()).contains(id, "user:admin");
        Eventually.until(
                "it has written",
                SOON,
                () -> good("command", "show", "m1", id).out(),
                printed -> printed.equals("alone\n"));
        Product.Said about = good("command", "show", "m1", id);
        assertThat(about.err()).contains(id + " on m1: running").contains("as root");
        assertThat(good("command", "cancel", "m1", id).out()).contains(id);
        try (Following follow = Following.of(plane.home, "command", "show", "m1", id, "-f")) {
            assertThat(follow.end()).isZero();
            assertThat(follow.out()).isEqualTo("alone\n");
            assertThat(follow.err()).contains("(cancelled)");
        }
        assertThat(good("command", "cancel", "m1", id).out()).contains("over already");
        refused(vmext("command", "show", "m1", "nosuch"), 3, "command-not-found", "nosuch");
        refused(vmext("command", "cancel", "m1", "nosuch"), 3, "command-not-found", "nosuch");
        refused(vmext("command", "list", "nosuch"), 3, "machine-not-found", "nosuch");
    }

    @Test
    void aMachineWhoseOwnerAllowsNoCommandsRunsNone() throws Exception {
        for (String mode : List.of("no-scripts", "observe")) {
            Guest strict = another(mode, mode);
            Path mark = strict.root.resolve("ran");
            Product.Said said = vmext("run", strict.name, "--", "touch", mark.toString());
            assertThat(said.exit()).as(said.all()).isEqualTo(4);
            assertThat(said.err()).contains("refused").contains("trust mode " + mode);
            assertThat(mark).doesNotExist();
        }
    }

    @Test
    void aMachineThatIsAwayIsWaitedForAndGivenUp() throws Exception {
        absent("away");
        Product.Said said = vmext("run", "away", "--expire", "2s", "--", "ls");
        assertThat(said.exit()).as(said.all()).isEqualTo(6);
        assertThat(said.err()).contains("away is expected; waiting for it").contains("did not take it");
        try (Following run = Following.of(plane.home, "run", "away", "--", "ls")) {
            run.awaitErr("waiting for it");
            run.interrupt();
            run.end();
        }
        assertThat(json("command", "list", "away").path(0).path("state").asText())
                .isEqualTo("cancelled");
    }

    @Test
    void forProgramsTheRecordComesAloneOnStandardOutput() throws Exception {
        Product.Said said = vmext("run", "m1", "-o", "json", "--", "echo", "hello");
        JsonNode view = Api.JSON.readTree(said.out());
        assertThat(view.path("state").asText()).isEqualTo("exited");
        assertThat(view.path("outBytes").asInt()).isEqualTo(6);
        assertThat(said.err()).isEqualTo("hello\n");
    }

    @Test
    void whoMayNotIsRefused() throws Exception {
        Path token = folder.resolve("reader.token");
        Files.writeString(
                token, good("token", "create", "reader", "--may", "read").out());
        Path desk = Files.createDirectories(folder.resolve("reader"));
        Product.vmext(
                desk,
                "",
                "context",
                "add",
                "r",
                "--api",
                "http://127.0.0.1:" + plane.apiPort(),
                "--token-file",
                token.toString());
        refused(Product.vmext(desk, "", "run", "m1", "--", "ls"), 4, "access-denied", "command-run");
    }
}
