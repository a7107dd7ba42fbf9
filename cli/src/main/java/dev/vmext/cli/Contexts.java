package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The control planes this user talks to, in {@code ~/.config/vmext/contexts.json}. A context names the API and a file with the token, so
 * that no secret stands in the list itself.
 */
final class Contexts {
    /** One control plane. */
    record Context(String api, String tokenFile) {}

    /** The whole file. */
    record Contents(@Nullable String current, Map<String, Context> contexts) {}

    private final Path file;

    Contexts(Surroundings world) {
        this.file = world.configFolder().resolve("contexts.json");
    }

    Contents read() {
        if (!Files.exists(file)) {
            return new Contents(null, Map.of());
        }
        try {
            return Json.MAPPER.readValue(Files.readString(file), Contents.class);
        } catch (JacksonException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot read the contexts in " + file + ": " + e.getOriginalMessage(),
                    "Mend the file or delete it; './vmext up' writes the context of this machine's control plane again.",
                    e);
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    /** Adds or replaces a context and makes it the current one. */
    void put(String name, Context context) {
        Contents old = read();
        Map<String, Context> all = new TreeMap<>(old.contexts());
        all.put(name, context);
        write(new Contents(name, all));
    }

    void use(String name) {
        Contents old = read();
        if (!old.contexts().containsKey(name)) {
            throw new ProblemException(
                    ProblemCode.NO_CONTEXT,
                    "cannot use context '" + name + "': there is none of that name",
                    old.contexts().isEmpty()
                            ? "Run './vmext up', which makes one."
                            : "There are: " + String.join(", ", old.contexts().keySet()));
        }
        write(new Contents(name, old.contexts()));
    }

    Context current(@Nullable String wanted) {
        Contents contents = read();
        String name = wanted != null ? wanted : contents.current();
        Context context = name == null ? null : contents.contexts().get(name);
        if (context == null) {
            throw new ProblemException(
                    ProblemCode.NO_CONTEXT,
                    name == null
                            ? "cannot tell which control plane is meant: there is no context in " + file
                            : "cannot use context '" + name + "': there is none of that name in " + file,
                    "Run './vmext up' to start one on this machine, or 'vmext context add NAME --api URL --token-file FILE'.");
        }
        return context;
    }

    private void write(Contents contents) {
        try {
            Files.createDirectories(file.getParent());
            Path temporary = Files.createTempFile(
                    file.getParent(),
                    "contexts",
                    ".tmp",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    temporary,
                    Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(contents) + "\n",
                    StandardCharsets.UTF_8);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot write " + file + ": " + e.getMessage(),
                    "Check the rights and the free space of the folder.",
                    e);
        }
    }
}
