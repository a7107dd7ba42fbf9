package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.testkit.ResticRepository;
import dev.vmext.testkit.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs with the real restic and a repository of the operator's own in a real S3 store. */
final class BackupToS3IT {
    @TempDir
    private Path folder;

    @Test
    void makesARepositoryInTheStoreBacksUpIntoItAndLeavesNoSecretBehind() throws Exception {
        Path store = Files.createDirectory(folder.resolve("store"));
        Workshop shop = new Workshop(folder);
        Files.writeString(shop.source.resolve("letter"), "dear");
        try (S3Server server = S3Server.start(store, "backups")) {
            String url = "s3:" + server.endpoint() + "/backups/web1";
            shop.repositoryAt(url);
            Files.writeString(
                    shop.conf.resolve("repository.environment"),
                    "AWS_ACCESS_KEY_ID=" + S3Server.ACCESS_KEY + "\nAWS_SECRET_ACCESS_KEY=" + S3Server.SECRET_KEY
                            + "\n");

            Workshop.Said prepared = shop.run("prepare");
            assertThat(prepared.exit()).as(prepared.toString()).isZero();
            Workshop.Said said = shop.run("backup", "now");
            assertThat(said.exit()).as(said.toString()).isZero();
            assertThat(shop.read("last")).contains("outcome good", "new 1");
            Files.writeString(shop.source.resolve("letter"), "dear all");
            assertThat(shop.run("backup", "now").exit()).isZero();

            assertThat(server.files("backups").resolve("web1/config")).isRegularFile();
            Workshop.Said back = restic(
                    shop,
                    url,
                    "restore",
                    "latest",
                    "--target",
                    folder.resolve("back").toString());
            assertThat(back.exit()).as(back.toString()).isZero();
            assertThat(folder.resolve("back" + shop.source + "/letter")).hasContent("dear all");
            assertThat(restic(shop, url, "check", "--read-data").out()).contains("no errors were found");
            assertThat(prepared.out() + said.out() + shop.status() + shop.told() + shop.read("last"))
                    .doesNotContain(S3Server.SECRET_KEY, ResticRepository.PASSWORD);
        }
    }

    private static Workshop.Said restic(Workshop shop, String url, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "AWS_ACCESS_KEY_ID=" + S3Server.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY=" + S3Server.SECRET_KEY,
                "restic",
                "-r",
                url));
        command.addAll(List.of(arguments));
        return shop.host(command.toArray(String[]::new));
    }
}
