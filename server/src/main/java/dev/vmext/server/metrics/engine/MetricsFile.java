package dev.vmext.server.metrics.engine;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.sqlite.SQLiteConfig;

/**
 * The SQLite file {@code metrics.db}: one writing connection and a few reading ones. Commits are synchronous FULL: what was
 * acknowledged survives a power cut. Whoever holds the home folder's lock may open it.
 */
final class MetricsFile implements AutoCloseable {
    private static final String FILE = "metrics.db";
    private static final int READERS = 3;
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;
    private static final int WRITER_CACHE_KIB = 8192;
    /** Freed pages given back to the file system at a time. */
    private static final int PAGES = 2048;

    private final Path file;
    private final HikariDataSource writers;
    private final HikariDataSource readers;

    private MetricsFile(Path file, HikariDataSource writers, HikariDataSource readers) {
        this.file = file;
        this.writers = writers;
        this.readers = readers;
    }

    static MetricsFile open(Path folder) {
        Path file = folder.resolve(FILE);
        HikariDataSource writers = null;
        try {
            create(file);
            writers = pool(file, "metric-writer", 1, false);
            migrate(writers, file);
            return new MetricsFile(file, writers, pool(file, "metric-reader", READERS, true));
        } catch (IOException | SQLException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot open " + file + ": " + e.getMessage(),
                    "check that the folder can be written and that the disk has room",
                    e);
        } catch (RuntimeException e) {
            if (writers != null) {
                writers.close();
            }
            throw e;
        }
    }

    /** Private from the first moment, and able to give back room: that can only be said while a database is empty. */
    private static void create(Path file) throws IOException, SQLException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        if (Files.exists(file) && Files.size(file) > 0) {
            return;
        }
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite:" + file.toAbsolutePath());
                Statement statement = connection.createStatement()) {
            statement.execute("pragma auto_vacuum = incremental");
            statement.execute("vacuum");
        }
    }

    private static HikariDataSource pool(Path file, String name, int size, boolean readOnly) {
        SQLiteConfig sqlite = new SQLiteConfig();
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        sqlite.setTransactionMode(
                readOnly ? SQLiteConfig.TransactionMode.DEFERRED : SQLiteConfig.TransactionMode.IMMEDIATE);
        if (!readOnly) {
            sqlite.setCacheSize(-WRITER_CACHE_KIB);
        }
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setJdbcUrl("jdbc:sqlite:" + file.toAbsolutePath());
        pool.setDataSourceProperties(sqlite.toProperties());
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(1);
        pool.setMaxLifetime(0);
        pool.setAutoCommit(false);
        return new HikariDataSource(pool);
    }

    private static void migrate(HikariDataSource database, Path file) {
        Flyway flyway = Flyway.configure(MetricsFile.class.getClassLoader())
                .dataSource(database)
                .locations("classpath:db/metrics")
                .load();
        for (MigrationInfo migration : flyway.info().all()) {
            MigrationState state = migration.getState();
            if (state == MigrationState.FUTURE_SUCCESS || state == MigrationState.FUTURE_FAILED) {
                throw new ProblemException(
                        ProblemCode.DATA_TOO_NEW,
                        "cannot open " + file + ": a newer vmext wrote it (schema " + migration.getVersion() + ")",
                        "use that version, or set VMEXT_HOME to another folder");
            }
        }
        flyway.migrate();
    }

    /** What a transaction does. */
    @FunctionalInterface
    interface Sql<T> {
        T run(Connection connection) throws SQLException;
    }

    /** One transaction that sees one state. */
    <T> T read(Sql<T> query) {
        return transact(readers, query);
    }

    /** One transaction; throwing rolls it back. */
    <T> T write(Sql<T> change) {
        return transact(writers, change);
    }

    private static <T> T transact(HikariDataSource pool, Sql<T> sql) {
        try (Connection connection = pool.getConnection()) {
            boolean whole = false;
            try {
                T answer = sql.run(connection);
                connection.commit();
                whole = true;
                return answer;
            } finally {
                if (!whole) {
                    connection.rollback();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the metrics file cannot be read or written: " + e.getMessage(), e);
        }
    }

    /** Gives freed pages back to the file system. Only between other work of the writing connection. */
    void shrink() {
        try (Connection connection = writers.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute("pragma incremental_vacuum(" + PAGES + ")");
        } catch (SQLException e) {
            throw new IllegalStateException("the metrics file cannot be made smaller: " + e.getMessage(), e);
        }
    }

    long bytes() {
        long bytes = 0;
        for (String ending : new String[] {"", "-wal", "-shm"}) {
            Path part = file.resolveSibling(FILE + ending);
            try {
                bytes += Files.exists(part) ? Files.size(part) : 0;
            } catch (IOException e) {
                // It went away between the two questions: then it takes no room.
            }
        }
        return bytes;
    }

    @Override
    public void close() {
        readers.close();
        writers.close();
    }
}
