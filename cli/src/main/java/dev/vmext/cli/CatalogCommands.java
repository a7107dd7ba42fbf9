package dev.vmext.cli;

import dev.vmext.protocol.api.ExtensionView;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looking at the catalog. */
final class CatalogCommands {
    private CatalogCommands() {}

    /** Everything there is to install. */
    @Command(
            name = "list",
            description = "What there is to install. Each provider and platform has its own set.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Option(names = "--category", paramLabel = "NAME", description = "security, monitoring, management or backup.")
        @Nullable String category;

        @Option(
                names = "--provider",
                paramLabel = "NAME",
                description = "Only what is offered for machines of this provider, e.g. qemu.")
        @Nullable String provider;

        @Option(
                names = "--platform",
                paramLabel = "PLATFORM",
                description = "Only what runs there, e.g. linux/debian/12/amd64; parts may be left off at the end.")
        @Nullable String platform;

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        ListAll(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
            add(query, "category", category);
            add(query, "provider", provider);
            add(query, "platform", platform);
            try (ApiClient client = global.client()) {
                List<ExtensionView> all = client.list("/v1/extensions" + query, ExtensionView.class);
                global.output().print(all, () -> {
                    if (all.isEmpty()) {
                        world.out()
                                .println("No extension fits."
                                        + (query.length() == 0 ? " Publish one: vmext extension publish FILE" : ""));
                        return;
                    }
                    Table table = new Table("EXTENSION", "VERSION", "CATEGORY", "KIND", "PLATFORMS", "WHAT IT DOES");
                    for (ExtensionView view : all) {
                        table.row(
                                view.name(),
                                latest(view),
                                view.category(),
                                view.kind(),
                                view.platforms().isEmpty() ? "any" : String.join(", ", view.platforms()),
                                view.displayName());
                    }
                    table.print(world.out());
                });
                return 0;
            }
        }

        private static String latest(ExtensionView view) {
            return view.versions().stream()
                    .filter(one -> one.version().equals(view.latest()))
                    .map(ExtensionView.VersionView::state)
                    .filter(state -> !state.equals("active"))
                    .findFirst()
                    .map(state -> view.latest() + " (" + state + ")")
                    .orElse(view.latest());
        }

        private static void add(StringJoiner query, String key, @Nullable String value) {
            if (value != null) {
                query.add(key + "=" + ApiClient.segment(value));
            }
        }
    }

    /** One extension with its settings. */
    @Command(
            name = "show",
            description = "One extension: what it does, its versions and all its settings.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "EXTENSION")
        String extension = "";

        @Mixin
        GlobalOptions global;

        private static final int SHORT_TYPE = 30;

        private final Surroundings world;

        Show(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                ExtensionView view = client.get("/v1/extensions/" + ApiClient.segment(extension), ExtensionView.class);
                global.output().print(view, () -> people(view));
                return 0;
            }
        }

        private void people(ExtensionView view) {
            PrintStream out = world.out();
            Instant now = world.clock().instant();
            out.println(view.name() + " " + view.latest() + ": " + view.displayName());
            out.println("  " + Table.clean(view.description()));
            out.println(
                    "  category   " + view.category() + ", " + view.kind() + ", " + view.instances() + " per machine"
                            + (view.scripts() ? ", runs scripts (refused by machines in mode no-scripts)" : ""));
            out.println("  platforms  " + (view.platforms().isEmpty() ? "any" : String.join(", ", view.platforms())));
            out.println("  providers  " + (view.providers().isEmpty() ? "any" : String.join(", ", view.providers())));
            out.println();
            settings(out, "Settings (--set KEY=VALUE or --settings FILE)", view.settingsSchema());
            settings(out, "Protected settings (--protected KEY or --protected-settings FILE)", view.protectedSchema());
            Table versions = new Table("VERSION", "STATE", "PUBLISHED", "SIZE", "SIGNED BY", "DIGEST");
            for (ExtensionView.VersionView version : view.versions()) {
                versions.row(
                        version.version(),
                        version.state(),
                        Ages.ago(version.publishedAt(), now) + " ago",
                        version.size(),
                        shortened(version.keyId(), 12),
                        shortened(version.digest(), 19));
            }
            versions.print(out);
        }

        private static String shortened(String text, int length) {
            return text.length() <= length ? text : text.substring(0, length);
        }

        private static void settings(PrintStream out, String heading, @Nullable Map<String, Object> schema) {
            if (schema == null || !(schema.get("properties") instanceof Map<?, ?> properties) || properties.isEmpty()) {
                return;
            }
            List<?> required = schema.get("required") instanceof List<?> names ? names : List.of();
            Table table = new Table("KEY", "TYPE", "DEFAULT", "MEANING");
            properties.forEach((key, value) -> {
                Map<?, ?> property = value instanceof Map<?, ?> map ? map : Map.of();
                Object fallback = property.get("default");
                Object description = property.get("description");
                table.row(
                        key,
                        type(property),
                        required.contains(key) ? "(required)" : fallback == null ? "-" : fallback,
                        ((description == null ? "" : description) + " " + choices(property)).strip());
            });
            out.println(heading);
            table.lines().forEach(line -> out.println("  " + line));
            out.println();
        }

        private static String type(Map<?, ?> property) {
            if (property.get("enum") instanceof List<?> words) {
                String all =
                        String.join("|", words.stream().map(String::valueOf).toList());
                return all.length() <= SHORT_TYPE ? all : "one of";
            }
            Object type = property.get("type");
            return type == null ? "any" : String.valueOf(type);
        }

        /** Choices that would make the column of types too wide. */
        private static String choices(Map<?, ?> property) {
            return type(property).equals("one of") && property.get("enum") instanceof List<?> words
                    ? "One of: "
                            + String.join(
                                    ", ", words.stream().map(String::valueOf).toList()) + "."
                    : "";
        }
    }
}
