package dev.vmext.server;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Permission;
import dev.vmext.fleet.Secret;
import dev.vmext.server.config.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;

/**
 * The token of whoever owns the data folder. Made whenever its file is missing: a crash between making it and writing it down would else
 * lock everybody out, and who can delete the file owns the folder anyway.
 */
final class AdminToken {
    private AdminToken() {}

    static void ensure(Fleet fleet, Path file) {
        if (Files.exists(file)) {
            return;
        }
        Secret token = fleet.createToken(Actor.SYSTEM, "admin", EnumSet.allOf(Permission.class));
        try {
            WholeFile.writePrivate(file, (token.reveal() + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
