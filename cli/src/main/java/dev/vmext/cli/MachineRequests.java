package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the API's machine request out of a file and options. */
final class MachineRequests {
    private final ApiClient client;

    MachineRequests(ApiClient client) {
        this.client = client;
    }

    MachineCreate build(
            String name,
            @Nullable String file,
            @Nullable String provider,
            @Nullable Integer cpus,
            @Nullable Integer memoryMiB,
            @Nullable Integer diskGiB,
            Map<String, String> labels,
            @Nullable String trust,
            List<String> installs,
            List<String> assignments)
            throws InterruptedException {
        MachineCreate base = file == null ? empty(name) : read(file);
        Map<String, InstallationWrite> all = new LinkedHashMap<>();
        if (base.installations() != null) {
            all.putAll(base.installations());
        }
        for (String install : installs) {
            int equals = install.indexOf('=');
            String extension = install.substring(equals + 1);
            String as = equals < 0 ? InstallCommand.defaultName(extension) : install.substring(0, equals);
            if (all.putIfAbsent(as, new InstallationWrite(extension, null, Map.of(), null, null, null)) != null) {
                throw notAMachine(
                        "two installations are called '" + as + "';", "name one with --install NAME=EXTENSION");
            }
        }
        for (String assignment : assignments) {
            assign(all, assignment);
        }
        Map<String, String> allLabels = new LinkedHashMap<>();
        if (base.labels() != null) {
            allLabels.putAll(base.labels());
        }
        allLabels.putAll(labels);
        return new MachineCreate(
                name,
                provider != null ? provider : base.provider(),
                cpus != null ? cpus : base.cpus(),
                memoryMiB != null ? memoryMiB : base.memoryMiB(),
                diskGiB != null ? diskGiB : base.diskGiB(),
                allLabels.isEmpty() ? null : allLabels,
                trust != null ? TextFile.read(trust) : base.trust(),
                all.isEmpty() ? null : all);
    }

    private void assign(Map<String, InstallationWrite> all, String assignment) throws InterruptedException {
        int dot = assignment.indexOf('.');
        String as = dot < 0 ? assignment : assignment.substring(0, dot);
        InstallationWrite write = all.get(as);
        if (dot < 0 || write == null) {
            throw notAMachine(
                    "--set " + assignment + " names no installation;",
                    "write NAME.KEY=VALUE with NAME one of " + all.keySet());
        }
        ExtensionView extension =
                client.get("/v1/extensions/" + ApiClient.segment(write.extension()), ExtensionView.class);
        Map<String, Object> settings = new LinkedHashMap<>();
        if (write.settings() != null) {
            settings.putAll(write.settings());
        }
        Assignment.parse(assignment.substring(dot + 1), Optional.ofNullable(extension.settingsSchema()))
                .applyTo(settings);
        all.put(
                as,
                new InstallationWrite(
                        write.extension(),
                        write.version(),
                        settings,
                        write.protectedSettings(),
                        write.after(),
                        write.rerun(),
                        write.deadlines(),
                        write.expireSeconds()));
    }

    private static MachineCreate empty(String name) {
        return new MachineCreate(name, null, null, null, null, null, null, null);
    }

    private static MachineCreate read(String file) {
        String text = TextFile.read(file);
        try {
            Map<String, Object> object = Json.object(text, file);
            return Json.STRICT.convertValue(object, MachineCreate.class);
        } catch (IllegalArgumentException e) {
            String why = e.getCause() instanceof JacksonException json
                    ? json.getOriginalMessage()
                    : String.valueOf(e.getMessage());
            throw notAMachine(file, "is not a machine request: " + why);
        }
    }

    private static ProblemException notAMachine(String what, String why) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot create the machine: " + what + " " + why,
                "See 'vmext machine create --help'.");
    }
}
