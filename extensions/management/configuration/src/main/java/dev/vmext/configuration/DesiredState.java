package dev.vmext.configuration;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Files, packages, services, users and kernel settings in typed words, for those who write no playbooks. It becomes a playbook of
 * ansible-core's own modules. Values are data for Ansible and never templates. Immutable.
 */
record DesiredState(List<Json> tasks) {
    private static final int MOST = 500;
    private static final Pattern PATH = Pattern.compile("/(?!(.*/)?\\.\\.(/|$))[^\\x00-\\x1f\\x7f]{0,1023}");
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3,4}");
    private static final Pattern OWNER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.-]{1,99}(=[A-Za-z0-9.+:~-]{1,99})?");
    private static final Pattern UNIT =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9:_.@\\\\-]{0,199}\\.(service|socket|timer|path|mount)");
    private static final Pattern SYSCTL = Pattern.compile("[a-z0-9_]+(\\.[A-Za-z0-9_/-]+)+");
    private static final Pattern ODD = Pattern.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]");
    private static final Pattern VALUE = Pattern.compile("[ -~]{0,200}");
    private static final List<String> KEYS = List.of("packages", "users", "files", "sysctl", "services");
    private static final String APT = "ansible.builtin.apt";
    private static final String SYSCTL_FILE = "/etc/sysctl.d/90-vmext-configuration.conf";

    DesiredState {
        tasks = List.copyOf(tasks);
    }

    /** Empty when the settings have none of its keys. */
    static Optional<DesiredState> find(Fields open) {
        List<Json> tasks = new ArrayList<>();
        // In this order: a file may belong to a user of a package, and a service may need all of them.
        each(open, "packages").forEach(fields -> tasks.add(packageTask(fields)));
        each(open, "users").forEach(fields -> tasks.add(user(fields)));
        each(open, "files").forEach(fields -> tasks.add(file(fields)));
        if (open.has("sysctl")) {
            sysctl(open, tasks);
        }
        // Units may be among the files: systemd reads them anew once, before the first service.
        boolean[] first = {true};
        each(open, "services").forEach(fields -> {
            tasks.add(service(fields, first[0]));
            first[0] = false;
        });
        return KEYS.stream().anyMatch(open::has) ? Optional.of(new DesiredState(tasks)) : Optional.empty();
    }

    /** JSON, which is YAML, but for what YAML takes as a line break or not at all when it is not escaped. */
    String playbook() {
        Json.Obj play = Json.object()
                .with("name", "Desired state")
                .with("hosts", "all")
                .with("gather_facts", new Json.Bool(false))
                .with("tasks", new Json.Arr(tasks));
        return ODD.matcher(marked(Json.array(play).text()))
                        .replaceAll(
                                one -> "\\\\u%04x".formatted((int) one.group().charAt(0)))
                + "\n";
    }

    /** What begins with this mark is a text that is no template, however many braces it has: YAML's tag for Ansible. */
    private static final String UNSAFE = "\u0001unsafe\u0001";

    private static String marked(String json) {
        return json.replace("\"\\u0001unsafe\\u0001", "!unsafe \"");
    }

    private static Json.Str data(String text) {
        return new Json.Str(UNSAFE + text);
    }

    private static Json packageTask(Fields fields) {
        String name = matching(fields, "name", PACKAGE, "the name of a package, with =VERSION after it if wanted");
        String state = fields.getWord("state", "present", List.of("present", "absent", "latest"));
        fields.refuseUnknown();
        String words = "package " + name + " " + state;
        Json.Obj arguments = Json.object()
                .with("name", name)
                .with("state", state)
                .with("install_recommends", new Json.Bool(false))
                .with("lock_timeout", 600);
        return switch (state) {
            case "absent" -> task(words, APT, arguments);
            case "latest" ->
                task(words, APT, arguments.with("cache_valid_time", 3600).with("update_cache_retry_max_delay", 3));
            // What is there needs no network, and lists are fetched only where they do not know the package.
            default ->
                Json.object()
                        .with("name", words)
                        .with("block", Json.array(task(words, APT, arguments)))
                        .with(
                                "rescue",
                                Json.array(
                                        task(
                                                        "fetch the lists of packages",
                                                        APT,
                                                        Json.object()
                                                                .with("update_cache", new Json.Bool(true))
                                                                .with("update_cache_retry_max_delay", 3)
                                                                .with("lock_timeout", 600))
                                                .with("changed_when", new Json.Bool(false))
                                                .with("check_mode", new Json.Bool(false)),
                                        task(words, APT, arguments)));
        };
    }

    private static Json user(Fields fields) {
        String name = matching(fields, "name", OWNER, "the name of an account");
        boolean absent =
                fields.getWord("state", "present", List.of("present", "absent")).equals("absent");
        Json.Obj arguments = Json.object().with("name", name).with("state", absent ? "absent" : "present");
        if (!absent) {
            boolean system = fields.getBoolean("system", false);
            arguments = arguments.with("system", new Json.Bool(system)).with("create_home", new Json.Bool(!system));
            if (fields.has("shell")) {
                arguments = arguments.with("shell", data(matching(fields, "shell", PATH, "an absolute path")));
            }
            if (fields.has("home")) {
                arguments = arguments.with("home", data(matching(fields, "home", PATH, "an absolute path")));
            }
            List<String> groups = fields.getStrings("groups");
            for (String group : groups) {
                if (!OWNER.matcher(group).matches()) {
                    throw fields.problem("groups", "one is not the name of a group");
                }
            }
            if (!groups.isEmpty()) {
                arguments = arguments
                        .with(
                                "groups",
                                new Json.Arr(
                                        groups.stream().<Json>map(Json.Str::new).toList()))
                        .with("append", new Json.Bool(true));
            }
        }
        fields.refuseUnknown();
        return task("user " + name, "ansible.builtin.user", arguments);
    }

    private static Json file(Fields fields) {
        String path = matching(fields, "path", PATH, "an absolute path without ..");
        String state = fields.getWord("state", "file", List.of("file", "directory", "absent", "link"));
        Json.Obj arguments = Json.object().with(state.equals("file") ? "dest" : "path", data(path));
        arguments = switch (state) {
            case "file" -> {
                String content = fields.getString("content");
                if (content.length() > Source.LONGEST || content.indexOf('\0') >= 0 || content.indexOf('\u0001') >= 0) {
                    throw fields.problem(
                            "content", "it is longer than " + Source.LONGEST + " characters or has NUL or SOH in it");
                }
                yield arguments.with("content", data(content));
            }
            case "link" ->
                // Also in the place of a file, and before there is what it points to.
                arguments
                        .with("state", "link")
                        .with("force", new Json.Bool(true))
                        .with("src", data(matching(fields, "target", PATH, "an absolute path")));
            default -> arguments.with("state", state);
        };
        if (!state.equals("absent") && !state.equals("link")) {
            arguments = arguments
                    .with("owner", fields.has("owner") ? matching(fields, "owner", OWNER, "an account") : "root")
                    .with("group", fields.has("group") ? matching(fields, "group", OWNER, "a group") : "root")
                    .with(
                            "mode",
                            fields.has("mode")
                                    ? matching(fields, "mode", MODE, "a mode in octal digits, like 0644")
                                    : state.equals("file") ? "0644" : "0755");
        }
        fields.refuseUnknown();
        String module = state.equals("file") ? "ansible.builtin.copy" : "ansible.builtin.file";
        return task("file " + path.replace('{', '(').replace('}', ')'), module, arguments);
    }

    private static Json service(Fields fields, boolean reload) {
        String name = matching(fields, "name", UNIT, "the name of a unit, like nginx.service");
        Json.Obj arguments = Json.object().with("name", name);
        if (fields.has("enabled")) {
            arguments = arguments.with("enabled", new Json.Bool(fields.getBoolean("enabled", true)));
        }
        if (fields.has("running")) {
            arguments = arguments.with("state", fields.getBoolean("running", true) ? "started" : "stopped");
        }
        if (fields.has("masked")) {
            arguments = arguments.with("masked", new Json.Bool(fields.getBoolean("masked", false)));
        }
        fields.refuseUnknown();
        boolean nothing = arguments.fields().size() == 1;
        if (reload) {
            arguments = arguments.with("daemon_reload", new Json.Bool(true));
        }
        if (nothing) {
            throw fields.problem("running", "one of running, enabled and masked is needed");
        }
        return task("service " + name, "ansible.builtin.systemd", arguments);
    }

    /** The file for the next boot, and each value as it is now: ansible-core has no module for that. */
    private static void sysctl(Fields open, List<Json> tasks) {
        Fields fields = open.getObject("sysctl");
        StringBuilder text = new StringBuilder("# Written by vmext.Configuration.\n");
        List<Json> live = new ArrayList<>();
        for (String key : fields.keys()) {
            String value = fields.getString(key);
            if (!SYSCTL.matcher(key).matches() || !VALUE.matcher(value).matches()) {
                throw open.problem(
                        "sysctl", "a key is not like net.ipv4.ip_forward, or its value is not one line of ASCII");
            }
            text.append(key).append(" = ").append(value).append('\n');
            // sysctl prints tabs between numbers.
            String now = "(now.stdout | default('')).split() != wanted.split()";
            Json.Obj vars = Json.object().with("wanted", data(value));
            live.add(task(
                            "read " + key,
                            "ansible.builtin.command",
                            Json.object().with("argv", argv("sysctl", "-n", "--", key)))
                    .with("register", "now")
                    .with("changed_when", new Json.Bool(false))
                    .with("check_mode", new Json.Bool(false)));
            // Says in check mode too what a command cannot: that it would change something.
            live.add(task(
                            "sysctl " + key,
                            "ansible.builtin.debug",
                            Json.object().with("msg", "is {{ now.stdout | default('') }}, wanted {{ wanted }}"))
                    .with("vars", vars)
                    .with("changed_when", now)
                    .with("when", now));
            live.add(task(
                            "set " + key,
                            "ansible.builtin.command",
                            Json.object().with("argv", argv("sysctl", "-q", "-w", "--", key + "=" + value)))
                    .with("vars", vars)
                    .with("changed_when", new Json.Bool(false))
                    .with("when", "not ansible_check_mode and " + now));
        }
        if (fields.keys().isEmpty()) {
            tasks.add(task(
                    "file " + SYSCTL_FILE,
                    "ansible.builtin.file",
                    Json.object().with("path", SYSCTL_FILE).with("state", "absent")));
            return;
        }
        tasks.add(task(
                "file " + SYSCTL_FILE,
                "ansible.builtin.copy",
                Json.object()
                        .with("dest", SYSCTL_FILE)
                        .with("content", data(text.toString()))
                        .with("owner", "root")
                        .with("group", "root")
                        .with("mode", "0644")));
        tasks.addAll(live);
    }

    private static Json.Arr argv(String... words) {
        List<Json> items = new ArrayList<>();
        for (String word : words) {
            items.add(data(word));
        }
        return new Json.Arr(items);
    }

    private static Json.Obj task(String name, String module, Json.Obj arguments) {
        return Json.object().with("name", name).with(module, arguments);
    }

    private static List<Fields> each(Fields open, String key) {
        List<Fields> list = new ArrayList<>();
        for (Json one : open.getList(key)) {
            list.add(Fields.of(open.path() + "." + key + "[" + list.size() + "]", one));
        }
        if (list.size() > MOST) {
            throw open.problem(key, "there are more than " + MOST);
        }
        return list;
    }

    private static String matching(Fields fields, String key, Pattern pattern, String what) {
        String text = fields.getString(key);
        if (!pattern.matcher(text).matches()) {
            throw HandlerException.badSettings(
                    "cannot use %s.%s: it is not %s".formatted(fields.path(), key, what), "");
        }
        return text;
    }
}
