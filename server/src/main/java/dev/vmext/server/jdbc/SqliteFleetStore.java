package dev.vmext.server.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.vmext.fleet.Actor;
import dev.vmext.fleet.ChangeFeed;
import dev.vmext.fleet.ChangeListener;
import dev.vmext.fleet.Decider;
import dev.vmext.fleet.Decision;
import dev.vmext.fleet.FleetChange;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.FleetView;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;

/**
 * The fleet's store in one SQLite file. Opened by the wiring; any thread may call it.
 *
 * <p>There is one writing connection, whose transactions begin as writers ({@code begin immediate}), so a decision and its changes
 * see and make one state and no transaction is ever refused half-way. A few reading connections see the last committed state beside
 * it (WAL). Commits are synchronous FULL: an accepted change, and a burnt token above all, must survive a power cut; what would be
 * too many small commits, statuses and times, comes in batches.
 */
public final class SqliteFleetStore implements FleetStore {
    private static final int READERS = 4;
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;

    private final DataFolder folder;
    private final HikariDataSource writers;
    private final HikariDataSource readers;
    private final Jdbi writer;
    private final Jdbi reader;
    private final ReleaseRows releases = new ReleaseRows();
    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();

    private SqliteFleetStore(DataFolder folder, HikariDataSource writers, HikariDataSource readers) {
        this.folder = folder;
        this.writers = writers;
        this.readers = readers;
        this.writer = Jdbi.create(writers);
        this.reader = Jdbi.create(readers);
    }

    /**
     * Opens or makes the database in this folder and brings its schema up to date. Refuses with data-folder-in-use while another
     * server holds the folder, and with data-too-new a database that a newer version has written.
     */
    public static SqliteFleetStore open(Path folder) {
        DataFolder held = DataFolder.hold(folder);
        HikariDataSource writers = null;
        try {
            writers = pool(held.database(), "fleet-writer", 1, false);
            migrate(writers, held.database());
            return new SqliteFleetStore(held, writers, pool(held.database(), "fleet-reader", READERS, true));
        } catch (RuntimeException e) {
            if (writers != null) {
                writers.close();
            }
            held.close();
            throw e;
        }
    }

    private static HikariDataSource pool(Path database, String name, int size, boolean readOnly) {
        SQLiteConfig sqlite = new SQLiteConfig();
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        sqlite.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        sqlite.enforceForeignKeys(true);
        sqlite.setTransactionMode(
                readOnly ? SQLiteConfig.TransactionMode.DEFERRED : SQLiteConfig.TransactionMode.IMMEDIATE);
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setJdbcUrl("jdbc:sqlite:" + database.toAbsolutePath());
        pool.setDataSourceProperties(sqlite.toProperties());
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(1);
        // A file needs no keep-alive, and a connection to it does not age.
        pool.setMaxLifetime(0);
        return new HikariDataSource(pool);
    }

    private static void migrate(HikariDataSource database, Path file) {
        Flyway flyway = Flyway.configure(SqliteFleetStore.class.getClassLoader())
                .dataSource(database)
                .locations("classpath:db/migration")
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

    @Override
    public <A> A transact(Actor actor, Decider<A> decider) {
        record Done<T>(T answer, List<FleetChange> changes, List<ChangeEvent> events) {}
        Done<A> done = writer.inTransaction(handle -> {
            Decision<A> decision = decider.decide(new SqliteView(handle, releases));
            decision.changes().forEach(change -> apply(handle, change));
            decision.audit().ifPresent(note -> LogRows.append(handle, actor, note));
            List<ChangeEvent> events = decision.changes().isEmpty()
                    ? List.of()
                    : ChangeFeed.events(decision.changes(), LogRows.lastChange(handle) + 1);
            LogRows.append(handle, events);
            return new Done<>(decision.answer(), decision.changes(), events);
        });
        if (!done.events().isEmpty()) {
            List<String> machines = ChangeFeed.machines(done.changes());
            listeners.forEach(listener -> listener.committed(machines, done.events()));
        }
        return done.answer();
    }

    private static void apply(Handle handle, FleetChange change) {
        switch (change) {
            case FleetChange.MachinePut(var put) -> expect(MachineRows.put(handle, put), "machine " + put.name());
            case FleetChange.MachineGone gone -> {
                AccessRows.deleteTokens(handle, gone.machineId());
                CommandRows.deleteAll(handle, gone.machineId());
                InstallationRows.deleteAll(handle, gone.machineId());
                LeftoverRows.deleteAll(handle, gone.machineId());
                FindingRows.deletePosition(handle, gone.machineId());
                SnapshotRows.deleteAll(handle, gone.machineId());
                MachineRows.delete(handle, gone.machineId());
            }
            case FleetChange.InstallationPut(var put) ->
                expect(InstallationRows.put(handle, put), "installation " + put.name());
            case FleetChange.InstallationGone gone -> InstallationRows.delete(handle, gone.machineId(), gone.name());
            case FleetChange.RemovalPut(var removal) -> LeftoverRows.add(handle, removal);
            case FleetChange.UnmanagedPut(var unmanaged) -> LeftoverRows.put(handle, unmanaged);
            case FleetChange.UnmanagedGone gone -> LeftoverRows.delete(handle, gone.machineId(), gone.name());
            case FleetChange.ReleasePut(var put) ->
                expect(ReleaseRows.put(handle, put), put.extension() + " " + put.version());
            case FleetChange.CommandPut(var put) -> expect(CommandRows.put(handle, put), "command " + put.id());
            case FleetChange.CommandGone gone -> CommandRows.delete(handle, gone.id());
            case FleetChange.SnapshotChange snapshot -> expect(SnapshotRows.apply(handle, snapshot), "snapshots");
            case FleetChange.AlertChange alert -> expect(AlertRows.apply(handle, alert), "alerts");
            case FleetChange.RepositoryPut(var put) ->
                expect(RepositoryRows.put(handle, put), "repository " + put.place());
            case FleetChange.RepositoryGone gone ->
                RepositoryRows.delete(handle, gone.machineId(), gone.installation());
            case FleetChange.FindingPut(var put) -> expect(FindingRows.put(handle, put), "finding " + put.id());
            case FleetChange.FindingGone gone -> FindingRows.delete(handle, gone.id());
            case FleetChange.FindingPositionPut(var position) -> FindingRows.put(handle, position);
            case FleetChange.WebhookPut(var put) -> expect(WebhookRows.put(handle, put), "webhook " + put.name());
            case FleetChange.WebhookGone gone -> WebhookRows.delete(handle, gone.id());
            case FleetChange.DeliveryPut(var put) -> expect(WebhookRows.put(handle, put), "message " + put.id());
            case FleetChange.DeliveryGone(var id) -> WebhookRows.deleteDelivery(handle, id);
            case FleetChange.TokenPut(var token) -> AccessRows.put(handle, token);
            case FleetChange.TokensVoid(var machineId) -> AccessRows.voidTokens(handle, machineId);
            case FleetChange.CertificatePut(var certificate) -> AccessRows.put(handle, certificate);
            case FleetChange.CredentialPut(var credential) -> AccessRows.put(handle, credential);
            case FleetChange.CredentialGone(var hash) -> AccessRows.deleteCredential(handle, hash);
            case FleetChange.CredentialsExpired(var kind, var before) -> AccessRows.deleteExpired(handle, kind, before);
            case FleetChange.Seen(var machines) -> MachineRows.seen(handle, machines);
            case FleetChange.MachineTouched _, FleetChange.InstallationTouched _, FleetChange.WebhookTouched _ -> {}
        }
    }

    /** Throwing rolls everything back. */
    private static void expect(boolean written, String what) {
        if (!written) {
            throw new ProblemException(
                    ProblemCode.REVISION_CONFLICT,
                    "cannot change " + what + ": somebody else changed it meanwhile",
                    "look at it and try again");
        }
    }

    @Override
    public <A> A read(Function<FleetView, A> query) {
        // One transaction, so that all its statements see the same state.
        return reader.inTransaction(handle -> query.apply(new SqliteView(handle, releases)));
    }

    @Override
    public List<AuditEntry> auditFrom(long number, int limit) {
        return reader.withHandle(handle -> LogRows.auditFrom(handle, number, limit));
    }

    @Override
    public List<AuditEntry> newestAudit(int limit) {
        return reader.withHandle(handle -> LogRows.newestAudit(handle, limit));
    }

    @Override
    public List<ChangeEvent> changesAfter(long id, int limit) {
        return reader.withHandle(handle -> LogRows.changesAfter(handle, id, limit));
    }

    @Override
    public long lastChange() {
        return reader.withHandle(LogRows::lastChange);
    }

    @Override
    public void onCommit(ChangeListener listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        readers.close();
        writers.close();
        folder.close();
    }
}
