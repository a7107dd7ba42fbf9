package dev.vmext.server.jdbc;

import dev.vmext.fleet.FleetRecordsContract;
import dev.vmext.fleet.FleetStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteFleetRecordsTest extends FleetRecordsContract {
    @TempDir
    private Path folder;

    @Override
    protected FleetStore open() {
        return SqliteFleetStore.open(folder);
    }
}
