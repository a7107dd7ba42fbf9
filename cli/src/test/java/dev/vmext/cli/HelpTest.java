package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {
    @Test
    void everyCommandShowsItsHelp() {
        List<String> without = new ArrayList<>();
        Deque<CommandLine> left = new ArrayDeque<>(List.of(CommandLines.build(nowhere())));
        int seen = 0;
        while (!left.isEmpty()) {
            CommandLine command = left.pop();
            seen++;
            if (command.getCommandSpec().findOption("--help") == null) {
                without.add(command.getCommandSpec().qualifiedName());
            }
            left.addAll(command.getSubcommands().values());
        }
        assertThat(seen).isGreaterThan(20);
        assertThat(without).isEmpty();
    }

    private static Surroundings nowhere() {
        PrintStream nothing = new PrintStream(OutputStream.nullOutputStream());
        return new Surroundings(
                InputStream.nullInputStream(),
                nothing,
                nothing,
                false,
                () -> Instant.EPOCH,
                duration -> {},
                new SecureRandom(),
                prompt -> Optional.empty(),
                Map.of(),
                Path.of("nowhere"),
                Optional.empty());
    }
}
