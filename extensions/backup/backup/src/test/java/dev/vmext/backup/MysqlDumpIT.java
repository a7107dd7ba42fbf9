package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real MariaDB, dumped, backed up and brought back. Needs the package mariadb-server of Debian or Ubuntu, not its service: the server
 * has a folder and a socket of its own, and listens at no address.
 */
final class MysqlDumpIT {
    private static final String ME = System.getProperty("user.name");
    /** MariaDB refuses to run as root. */
    private static final String OWNER = ME.equals("root") ? "nobody" : ME;

    private static final String SECRET = "sesame-open-7";
    private static final String ROWS =
            "select id, what, md5(picture) from shop.orders order by id; select shop.twice(4);"
                    + " select what from shop.cheap order by what; select n from books.pages;"
                    + " select event_name from information_schema.events; select count(*) from shop.noted";
    private static final String AS_THEY_WERE = """
            1\ttea\tb9ed84b209340e0e9b36b747b5f497f7
            2\tbread \ud83e\udd56\td408ed46ebcc326f9e7c6bb9c77af1cd
            3\tNULL\tNULL
            8
            bread \ud83e\udd56
            tea
            7
            nightly
            3
            """;

    @TempDir
    private static Path place;

    private static Process server;

    @TempDir
    private Path folder;

    private Workshop shop;
    private Path defaults;

    @BeforeAll
    static void aServerOfItsOwn() throws Exception {
        assertThat(Path.of("/usr/sbin/mariadbd"))
                .as("the package mariadb-server is needed")
                .isExecutable();
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
        String data = place + "/data";
        ok("install", "-d", "-o", OWNER, "-m", "711", data, place + "/socket");
        ok(
                "mariadb-install-db",
                "--no-defaults",
                "--datadir=" + data,
                "--user=" + OWNER,
                "--auth-root-authentication-method=socket",
                "--auth-root-socket-user=" + ME,
                "--skip-test-db",
                "--cross-bootstrap");
        List<String> command = new ArrayList<>(List.of(
                "/usr/sbin/mariadbd",
                "--no-defaults",
                "--datadir=" + data,
                "--socket=" + socket(),
                "--pid-file=" + data + "/pid",
                "--skip-networking",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-fast-shutdown=2"));
        if (!ME.equals(OWNER)) {
            command.add("--user=" + OWNER);
        }
        server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(place.resolve("log").toFile())
                .start();
        Workshop.await("the server answers", () -> {
            assertThat(server.isAlive()).isTrue();
            return answers("select 1");
        });
    }

    @AfterAll
    static void end() throws Exception {
        if (server != null) {
            server.destroy();
            if (!server.waitFor(2, TimeUnit.MINUTES)) {
                server.destroyForcibly().waitFor();
            }
        }
    }

    private static String socket() {
        return place + "/socket/s";
    }

    private static String ok(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static List<String> client(String... more) {
        List<String> command = new ArrayList<>(List.of(
                "mariadb", "--no-defaults", "--socket=" + socket(), "--default-character-set=utf8mb4", "-N", "-n"));
        command.addAll(List.of(more));
        return command;
    }

    private static boolean answers(String query) {
        try {
            Process process = new ProcessBuilder(client("-e", query))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sql(String query) throws Exception {
        return ok(client("-e", query).toArray(String[]::new));
    }

    @BeforeEach
    void twoDatabasesAndAUser() throws Exception {
        shop = new Workshop(folder);
        shop.repositoryIsThere();
        defaults = folder.resolve("defaults.cnf");
        sql("drop database if exists shop; drop database if exists books; drop user if exists clerk@localhost;"
                + " create database shop character set utf8mb4; use shop;"
                + " create table orders (id int primary key auto_increment, what varchar(80), picture mediumblob);"
                + " create table noted (id int);"
                + " create trigger notes after insert on orders for each row insert into noted values (new.id);"
                + " insert into orders (what, picture) values ('tea', unhex('00ff27225c0a1a80')),"
                + " ('bread \ud83e\udd56', repeat('x', 300000)), (null, null);"
                + " create view cheap as select what from orders where id < 3;"
                + " create function twice(n int) returns int deterministic return n * 2;"
                + " create event nightly on schedule every 1 day do delete from noted;"
                + " create database books; create table books.pages (n int); insert into books.pages values (7);"
                + " create user clerk@localhost identified by '" + SECRET + "';"
                + " grant select, show view, trigger, event on shop.* to clerk@localhost;"
                + " grant select on mysql.proc to clerk@localhost");
        assertThat(sql(ROWS)).isEqualTo(AS_THEY_WERE);
    }

    private void plan(String more) throws IOException {
        Files.writeString(
                shop.conf.resolve("dumps/mysql"), "type mysql\nuser " + ME + "\nsocket " + socket() + "\n" + more);
    }

    private void defaults(String lines) throws IOException {
        Files.writeString(defaults, lines);
        Files.setPosixFilePermissions(defaults, PosixFilePermissions.fromString("rw-------"));
    }

    private void backsUp() throws Exception {
        Workshop.Said said = shop.run("backup", "now");
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(shop.state.resolve("dumps")).doesNotExist();
    }

    /** Plays a file of the newest snapshot into the server. */
    private void comesBack(String file) throws Exception {
        Workshop.Said said = shop.host(
                "/bin/sh",
                "-c",
                "restic -r '%s' dump latest '%s/dumps/mysql/%s' | %s"
                        .formatted(shop.repository, shop.state, file, String.join(" ", client())));
        assertThat(said).isEqualTo(new Workshop.Said(0, ""));
    }

    /** The password is in no file that a run leaves, and in none that a finding or a status is made of. */
    private void nothingTellsTheSecret() throws Exception {
        try (Stream<Path> files = Files.walk(shop.state)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(SECRET);
            }
        }
    }

    @Test
    void allDatabasesAndUsersComeBackFromTheirDump() throws Exception {
        plan("");
        backsUp();
        sql("drop database shop; drop database books; drop user clerk@localhost");
        comesBack("all.sql");
        assertThat(sql(ROWS)).isEqualTo(AS_THEY_WERE);
        defaults("[client]\nuser=clerk\npassword=" + SECRET + "\n");
        assertThat(ok(
                        "mariadb",
                        "--defaults-file=" + defaults,
                        "--socket=" + socket(),
                        "-N",
                        "-e",
                        "select max(id) from shop.orders"))
                .as("the user can log in at once")
                .isEqualTo("3\n");
    }

    @Test
    void namedDatabasesAreDumpedByTheUserOfADefaultsFileWhosePasswordNobodySees() throws Exception {
        defaults("[client]\nuser=clerk\npassword=" + SECRET + "\n");
        plan("defaultsFile " + defaults + "\ndatabase shop\n");
        Process lock = new ProcessBuilder(client()).redirectErrorStream(true).start();
        try (var said = lock.inputReader()) {
            Writer commands = lock.outputWriter();
            commands.write("lock tables shop.orders write; select 'locked';\n");
            commands.flush();
            assertThat(said.readLine()).isEqualTo("locked");
            Process run = shop.begin("backup", "now");
            Workshop.await("the dump waits for the table", () -> answersOne("""
                    select count(*) from information_schema.processlist where user = 'clerk' and state like '%metadata lock%'"""));
            List<String> programs = new ArrayList<>();
            for (ProcessHandle one : run.descendants().toList()) {
                Path process = Path.of("/proc", Long.toString(one.pid()));
                programs.add(Files.readString(process.resolve("cmdline")).replace('\0', ' '));
                assertThat(Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1))
                        .doesNotContain(SECRET);
            }
            assertThat(programs)
                    .anyMatch(program -> program.contains("--defaults-file=" + defaults))
                    .noneMatch(program -> program.contains(SECRET));
            nothingTellsTheSecret();
            // The end of its commands gives the table free.
            lock.getOutputStream().close();
            Workshop.Said end = shop.end(run);
            assertThat(end.exit()).as(end.toString()).isZero();
        } finally {
            lock.destroy();
        }
        nothingTellsTheSecret();
        assertThat(shop.restic("ls", "latest").out())
                .contains("/mysql/shop.sql\n")
                .doesNotContain("books", "all.sql");
        sql("drop database shop");
        comesBack("shop.sql");
        assertThat(sql(ROWS)).isEqualTo(AS_THEY_WERE);
    }

    private static boolean answersOne(String query) {
        try {
            return sql(query).equals("1\n");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aDumpThatFailsStopsTheBackupWithItsCause() throws Exception {
        plan("database shop\ndatabase gone\n");
        assertThat(shop.run("backup", "now").exit()).isEqualTo(1);
        assertThat(shop.read("last"))
                .contains("outcome failed", "the dump mysql failed, so nothing was backed up")
                .contains("Unknown database 'gone'", "mariadb-dump failed for the database gone");
        assertThat(shop.told()).contains("backup-failed", "the dump mysql failed", "Unknown database");
        assertThat(shop.state.resolve("dumps")).doesNotExist();
        assertThat(shop.restic("snapshots", "--json").out()).isEqualTo("[]\n");
    }

    private void dumpFails(String... why) throws Exception {
        Workshop.Said said = shop.run("dump", shop.conf.resolve("dumps/mysql").toString(), folder + "/dump");
        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.out()).contains(why).doesNotContain(SECRET);
    }

    @Test
    void aDumpThatFailsSaysWhyButNeverAPassword() throws Exception {
        plan("defaultsFile " + defaults + "\ndatabase shop\n");
        defaults("[client]\nuser=clerk\npassword=" + SECRET + "1\n");
        dumpFails("Access denied for user 'clerk'@'localhost'", "mariadb-dump failed for the database shop");
        for (String mistake : List.of("passwort=" + SECRET, "password " + SECRET, SECRET, "=" + SECRET)) {
            defaults("[client]\nuser=clerk\n" + mistake + "\n");
            dumpFails("in the defaults file (not shown: it could be a password)");
        }
        defaults("password=" + SECRET + "\n");
        dumpFails("Found option without preceding group in config file");
        Files.delete(defaults);
        dumpFails("Could not open required defaults file");
        sql("create view books.torn as select n from books.pages; drop table books.pages");
        plan("");
        dumpFails("View 'books.torn' references invalid table(s)", "mariadb-dump failed");
        Files.writeString(
                shop.conf.resolve("dumps/mysql"), "type mysql\nuser " + ME + "\nsocket " + folder + "/nobody\n");
        dumpFails("Can't connect to local server through socket");
    }
}
