package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL, dumped, backed up and brought back. Needs the package postgresql of Debian or Ubuntu, not its service. */
final class DumpIT {
    private static final String ME = System.getProperty("user.name");
    /** PostgreSQL refuses to run as root. */
    private static final String OWNER = ME.equals("root") ? "nobody" : ME;

    @TempDir
    private Path folder;

    private Workshop shop;
    private Path programs;
    private boolean started;

    private String asOwner(String script) throws Exception {
        Workshop.Said said = ME.equals(OWNER)
                ? shop.host("/bin/sh", "-c", script)
                : shop.host("runuser", "-u", OWNER, "--", "/bin/sh", "-c", "cd / && " + script);
        assertThat(said.exit()).as(said.out()).isZero();
        return said.out();
    }

    /** Where Debian keeps those that its package starts as a service only. */
    private static Path newestPrograms() throws Exception {
        Path versions = Path.of("/usr/lib/postgresql");
        assertThat(versions).as("the package postgresql is needed").isDirectory();
        try (Stream<Path> folders = Files.list(versions)) {
            return folders.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder())
                    .orElseThrow(
                            () -> new AssertionError("the package postgresql is needed: no initdb in " + versions));
        }
    }

    @BeforeEach
    void aServerWithADatabase() throws Exception {
        programs = newestPrograms();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        shop = new Workshop(folder);
        shop.repositoryIsThere();
        assertThat(shop.host("install", "-d", "-o", OWNER, "-m", "711", folder + "/pg", folder + "/socket")
                        .exit())
                .isZero();
        asOwner("%s/initdb -D %s/pg -U %s -A trust -N > /dev/null".formatted(programs, folder, OWNER));
        asOwner(
                "%s/pg_ctl -D %s/pg -w -t 300 -o \"-k %s/socket -c listen_addresses='' -c fsync=off\" -l %s/pg/log start"
                        .formatted(programs, folder, folder, folder));
        started = true;
        psql("postgres", "create role clerk");
        psql("postgres", "create database shop");
        psql("shop", "create table orders (id int, what text); insert into orders values (1, 'tea'), (2, 'bread');");
        Files.writeString(shop.conf.resolve("dumps/main"), plan());
    }

    private String plan() {
        return "type postgresql\nuser " + OWNER + "\nsocket " + folder + "/socket\n";
    }

    @AfterEach
    void end() throws Exception {
        if (started) {
            asOwner("%s/pg_ctl -D %s/pg -m immediate stop > /dev/null".formatted(programs, folder));
        }
    }

    private String psql(String database, String sql) throws Exception {
        return asOwner("psql -X -A -t -h %s/socket -d %s -c \"%s\"".formatted(folder, database, sql));
    }

    @Test
    void aDatabaseComesBackFromItsDump() throws Exception {
        Workshop.Said said = shop.run("backup", "now");
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(shop.state.resolve("dumps"))
                .as("they go with the end of the backup")
                .doesNotExist();

        psql("postgres", "drop database shop;");
        String dumps = shop.state.resolve("dumps/main").toString();
        assertThat(shop.restic("dump", "latest", dumps + "/globals.sql").out()).contains("CREATE ROLE clerk");
        said = shop.host(
                "/bin/sh",
                "-c",
                "restic -r '%s' dump latest '%s/shop.dump' > '%s/shop.dump' && chmod 644 '%s/shop.dump'"
                        .formatted(shop.repository, dumps, folder, folder));
        assertThat(said.exit()).as(said.out()).isZero();
        psql("postgres", "create database shop;");
        asOwner("pg_restore -h %s/socket -d shop %s/shop.dump".formatted(folder, folder));
        assertThat(psql("shop", "select id, what from orders order by id")).isEqualTo("1|tea\n2|bread\n");

        // One database that cannot be dumped stops the backup: half a dump is none.
        Files.writeString(shop.conf.resolve("dumps/main"), plan() + "database shop\ndatabase gone\n");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last"))
                .contains("the dump main failed", "does not exist", "pg_dump failed for the database gone");
    }
}
