package dev.vmext.server.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.FleetSimulation;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.FleetStoreContract;
import dev.vmext.fleet.Plane;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteFleetStoreTest extends FleetStoreContract {
    @TempDir
    private static Path temp;

    private static int folders;

    @Override
    protected FleetStore open() {
        return SqliteFleetStore.open(nextFolder());
    }

    private static Path nextFolder() {
        return temp.resolve("data-" + ++folders);
    }

    private static void refused(ProblemCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(code));
    }

    private static void sql(Path folder, String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("fleet.db"));
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    @Test
    void remembersWhenItIsOpenedAgain() {
        Path folder = nextFolder();
        try (FleetStore store = SqliteFleetStore.open(folder)) {
            Plane plane = new Plane(store);
            plane.publish("acme.Tool", "1.0");
            plane.machine("web1", Map.of("t", Plane.newest("acme.Tool")));
        }
        try (FleetStore store = SqliteFleetStore.open(folder)) {
            Plane plane = new Plane(store);
            assertThat(plane.show("web1", "t").version()).isEqualTo("1.0");
            assertThat(plane.fleet.verifyAuditChain()).isEmpty();
        }
    }

    @Test
    void refusesAFolderThatAnotherServerUses() {
        Path folder = nextFolder();
        try (FleetStore store = SqliteFleetStore.open(folder)) {
            refused(ProblemCode.DATA_FOLDER_IN_USE, () -> SqliteFleetStore.open(folder));
            assertThat(store.lastChange()).isZero();
        }
        SqliteFleetStore.open(folder).close();
    }

    @Test
    void refusesWhatANewerVersionWrote() throws SQLException {
        Path folder = nextFolder();
        SqliteFleetStore.open(folder).close();
        sql(folder, """
                insert into flyway_schema_history
                    (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                values (99, '999', 'from the future', 'SQL', 'V999__future.sql', 1, 'test', 1, 1)""");
        refused(ProblemCode.DATA_TOO_NEW, () -> SqliteFleetStore.open(folder));
        // Refusing has let go of the folder.
        refused(ProblemCode.DATA_TOO_NEW, () -> SqliteFleetStore.open(folder));
    }

    @Test
    void refusesAFolderItCannotWriteTo() throws IOException {
        Path file = Files.createFile(temp.resolve("file-" + ++folders));
        refused(ProblemCode.FILE_UNREADABLE, () -> SqliteFleetStore.open(file.resolve("below")));
    }

    @Test
    void keepsTheDatabaseFromOtherUsers() throws IOException {
        Path folder = nextFolder();
        try (FleetStore store = SqliteFleetStore.open(folder)) {
            new Plane(store).publish("acme.Tool", "1.0");
            try (var files = Files.newDirectoryStream(folder, "fleet.db*")) {
                for (Path file : files) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void hasAnAuditLogThatSqlCannotChangeAndAChainThatNoticesIt() throws SQLException {
        Path folder = nextFolder();
        try (FleetStore store = SqliteFleetStore.open(folder)) {
            Plane plane = new Plane(store);
            plane.publish("acme.Tool", "1.0");
            plane.publish("acme.Tool", "1.1");
        }
        assertThatThrownBy(() -> sql(folder, "delete from audit")).hasMessageContaining("append-only");
        assertThatThrownBy(() -> sql(folder, "update audit set detail = ''")).hasMessageContaining("append-only");
        sql(folder, "drop trigger audit_is_never_changed");
        sql(folder, "update audit set detail = 'nothing' where number = 2");
        try (FleetStore store = SqliteFleetStore.open(folder)) {
            assertThat(new Plane(store).fleet.verifyAuditChain()).contains(2L);
        }
    }

    @Test
    void carriesAFleetThroughASimulation() {
        try (FleetStore store = SqliteFleetStore.open(nextFolder())) {
            new FleetSimulation(store, 7).run(150);
        }
    }
}
