package dev.vmext.configuration;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.Downloads;
import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A folder with what is wanted: options, variables, and the playbook with what belongs to it. It is written beside the one that counts;
 * the program vmext-configuration puts it in the place of that one, in one step and never in the middle of a run. One thread.
 */
final class Content {
    private static final Duration DOWNLOAD = Duration.ofMinutes(10);
    private static final Duration UNPACK = Duration.ofMinutes(5);
    private static final String PRIVATE = "rw-------";

    private final Programs programs;
    private final Downloads.Time time;
    private final Places places;

    Content(Programs programs, Downloads.Time time, Places places) {
        this.programs = programs;
        this.time = time;
        this.places = places;
    }

    /** A folder that does not count, empty. */
    Path begin() throws IOException {
        boolean first = Files.isSymbolicLink(places.wanted())
                && Files.readSymbolicLink(places.wanted()).equals(Path.of("wanted-a"));
        Path folder = places.home().resolve(first ? "wanted-b" : "wanted-a");
        SmallFiles.delete(folder);
        SmallFiles.createPrivateFolder(folder);
        SmallFiles.createPrivateFolder(folder.resolve("content"));
        return folder;
    }

    /** Writes and fetches everything. */
    void fill(Path folder, HandlerContext context, ConfigurationSettings settings) throws IOException {
        Path content = folder.resolve("content");
        Json.Obj options = Json.object()
                .with("timeoutSeconds", settings.timeoutSeconds())
                .with("mode", settings.apply() ? "apply" : "check")
                .with("onDrift", new Json.Bool(settings.onDrift()));
        options = switch (settings.source()) {
            case Source.Inline(String text) -> {
                SmallFiles.replace(content.resolve("playbook.yml"), text, PRIVATE);
                yield options;
            }
            case Source.Desired(DesiredState state) -> {
                SmallFiles.replace(content.resolve("playbook.yml"), state.playbook(), PRIVATE);
                yield options;
            }
            case Source.FromPackage(String name, String entry) ->
                options.with("package", name).with("entry", entry);
            case Source.Download(Downloads.Wish wish, Optional<String> entry) -> {
                download(context, settings, wish, entry, content);
                yield options.with("entry", entry.orElse("playbook.yml"));
            }
        };
        SmallFiles.replace(folder.resolve("options.json"), options.text(), PRIVATE);
        SmallFiles.replace(
                folder.resolve("variables.json"), settings.variables().text(), PRIVATE);
        SmallFiles.replace(
                folder.resolve("secret.json"), literal(settings.secrets()).text(), PRIVATE);
        if (settings.cleanUp().isPresent()) {
            SmallFiles.replace(
                    content.resolve(".clean-up.yml"), settings.cleanUp().get(), PRIVATE);
        }
    }

    private void download(
            HandlerContext context,
            ConfigurationSettings settings,
            Downloads.Wish wish,
            Optional<String> entry,
            Path content)
            throws IOException {
        Path file = entry.isPresent() ? content.resolveSibling("archive") : content.resolve("playbook.yml");
        try {
            new Downloads(time, context.log(), DOWNLOAD, settings.proxy()).fetch(wish, file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HandlerException(ExitCode.EXECUTION, "cannot fetch the playbook: the handler was stopped", "", e);
        }
        if (entry.isEmpty()) {
            return;
        }
        // GNU tar follows no link that the archive itself brings, and takes no name with .. in it.
        Programs.Result result = programs.run(
                UNPACK,
                "",
                List.of(
                        "tar",
                        "--extract",
                        "--no-same-owner",
                        "--no-same-permissions",
                        "--file=" + file,
                        "--directory=" + content));
        Files.delete(file);
        if (!result.ok()) {
            throw HandlerException.badSettings(
                    "cannot unpack what settings.download names: " + result.lastLines(),
                    "It must be a tar archive, compressed or not, whose files all stay in its folder. Nothing was"
                            + " changed.");
        }
        Path path = content;
        for (Path part : Path.of(entry.get())) {
            path = path.resolve(part);
            if (Files.isSymbolicLink(path)) {
                throw HandlerException.badSettings(
                        "cannot use settings.download.playbook: " + entry.get() + " is a link, or lies behind one",
                        "Name the file itself. Nothing was changed.");
            }
        }
        if (!Files.isRegularFile(path)) {
            throw HandlerException.badSettings(
                    "cannot use settings.download.playbook: there is no file " + entry.get() + " in the archive",
                    "Nothing was changed.");
        }
    }

    /** As Ansible marks values that are data: a password may well have braces in it, and is no template. */
    private static Json literal(Json value) {
        return switch (value) {
            case Json.Str text -> Json.object().with("__ansible_unsafe", text);
            case Json.Arr(List<Json> items) ->
                new Json.Arr(items.stream().map(Content::literal).toList());
            case Json.Obj(Map<String, Json> fields) -> {
                Json.Obj all = Json.object();
                for (Map.Entry<String, Json> field : fields.entrySet()) {
                    all = all.with(field.getKey(), literal(field.getValue()));
                }
                yield all;
            }
            case Json.Num _, Json.Bool _, Json.Null _ -> value;
        };
    }
}
