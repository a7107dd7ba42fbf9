package dev.vmext.configuration;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Status;
import java.util.ArrayList;
import java.util.List;

/** What vmext-configuration wrote of its last look and its last apply, as a status. */
final class Report {
    private static final int MANY = Integer.MAX_VALUE;

    private Report() {}

    /** The status where nothing may be changed. */
    static Status ofLook(Json check) {
        Run look = new Run("check", Fields.of("check", check), "differ");
        boolean seen = look.ok() || (look.error().isEmpty() && look.changed() > 0);
        Status status = seen
                ? Status.success((look.changed() == 0
                                ? "The machine is as it should be"
                                : "The machine differs in " + look.tasks())
                        + (look.changed() == 0 ? "" : "; nothing was changed (mode check)")
                        + (look.ok() ? "" : ". What comes after a task that failed was not looked at: " + look.why()))
                : Status.error(ExitCode.EXECUTION, "The machine cannot be looked at: " + look.why());
        return look.diff(status.with(look.part()));
    }

    /** The status where the machine is made so. */
    static Status ofApply(Json check, Json applied) {
        Run look = new Run("check", Fields.of("check", check), "differ");
        Run apply = new Run("apply", Fields.of("apply", applied), "changed");
        Status status = apply.ok()
                ? Status.success(
                        apply.changed() == 0
                                ? "The machine is as it should be; nothing had to be changed"
                                : "The machine is as it should be; " + apply.tasks() + " changed something")
                : Status.error(ExitCode.EXECUTION, "The machine is not as it should be: " + apply.why());
        return apply.diff(status.with(look.part()).with(apply.part()));
    }

    /** One look or one apply. */
    private record Run(String name, Fields fields, String verb) {
        boolean ok() {
            return error().isEmpty() && count("failed") == 0;
        }

        String error() {
            return fields.getString("error");
        }

        int changed() {
            return count("changed");
        }

        private int count(String what) {
            return fields.getInt(what + "Count", 0, 0, MANY);
        }

        String tasks() {
            return changed() == 1 ? "1 task" : changed() + " tasks";
        }

        /** Ansible stops at a task that fails, so the last one is why. */
        String why() {
            if (!error().isEmpty()) {
                return error();
            }
            Fields task = Fields.of("task", fields.getList("failed").getLast());
            return "the task \"%s\" failed: %s".formatted(task.getString("task"), task.getString("message"));
        }

        Status.Part part() {
            List<String> lines = new ArrayList<>();
            lines.add("%s, %d s: %d ok, %d %s, %d failed"
                    .formatted(
                            fields.getString("begun"),
                            fields.getInt("seconds", 0, 0, MANY),
                            fields.getInt("ok", 0, 0, MANY),
                            changed(),
                            verb,
                            count("failed")));
            for (String what : List.of("changed", "failed")) {
                List<Json> tasks = fields.getList(what);
                for (Json one : tasks) {
                    Fields task = Fields.of("task", one);
                    String message = task.getString("message");
                    lines.add((what.equals("failed") ? what : verb) + ": " + task.getString("task")
                            + (message.isEmpty() ? "" : ": " + message));
                }
                if (tasks.size() < count(what)) {
                    lines.add("and %d more".formatted(count(what) - tasks.size()));
                }
            }
            if (!error().isEmpty()) {
                lines.add(error());
            }
            return new Status.Part(
                    name, ok() ? Status.Level.SUCCESS : Status.Level.WARNING, 0, String.join("\n", lines));
        }

        Status diff(Status status) {
            String text = fields.getString("diff");
            return text.isEmpty()
                    ? status
                    : status.with(Status.Part.success("diff", text + "(all of it: /var/lib/vmext-configuration/runs)"));
        }
    }
}
