package dev.vmext.extensionkit.repository;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository of restic, as settings name it: the control plane's when {@code repository} is absent, else one of the operator's.
 * Its text form shows no secret. Immutable.
 */
public record Repository(Place place, String password) {
    private static final Pattern URL =
            Pattern.compile("(s3:https?://|s3:|sftp://|rest:https?://|b2:|azure:|gs:|swift:|/)[^\\x00-\\x20\\x7f]+");
    private static final Pattern WITH_PASSWORD = Pattern.compile("[a-z0-9:]+//[^/@]*:[^/@]*@.*");
    private static final Pattern SFTP =
            Pattern.compile("sftp://(?<login>[A-Za-z0-9._-]+@[A-Za-z0-9.-]+)(:(?<port>[0-9]{1,5}))?/(?<path>/?.*)");
    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
    private static final Pattern HOST_KEY = Pattern.compile("[A-Za-z0-9._:\\[\\],*-]+ [a-z0-9@.-]+ [A-Za-z0-9+/=]+");
    /** They would change programs, not the way to the repository. */
    private static final Set<String> RESERVED =
            Set.of("PATH", "HOME", "TMPDIR", "SHELL", "IFS", "ENV", "GOGC", "GODEBUG", "GOMAXPROCS");

    /** Where it is. */
    public sealed interface Place {
        /** The control plane's, for an installation of a machine; empty for this very installation of this very machine. */
        record ControlPlane(Optional<String> machine, Optional<String> installation) implements Place {}

        /**
         * Somewhere else.
         *
         * @param url as restic takes it, maybe with a password in it
         * @param environment secrets of the storage, like {@code AWS_SECRET_ACCESS_KEY}
         * @param authority certificates in PEM that the storage's own is checked against; empty for those of the machine
         */
        record Own(
                String url,
                Map<String, String> environment,
                Optional<String> authority,
                List<String> hostKeys,
                Optional<String> sshKey)
                implements Place {
            /** Copies. */
            public Own {
                environment = Map.copyOf(environment);
                hostKeys = List.copyOf(hostKeys);
            }

            @Override
            public String toString() {
                return "Own";
            }
        }
    }

    /**
     * Reads {@code repository} of the public settings, and {@code repositoryPassword}, {@code repositoryUrl}, {@code environment} and
     * {@code sshKey} of the protected ones.
     *
     * @param fields the public settings; only {@code repository} is asked for
     * @param controlPlane what is meant when no address is said
     * @throws HandlerException naming the setting
     */
    public static Repository from(Settings settings, Fields fields, Place.ControlPlane controlPlane) {
        Fields secrets = settings.protectedFields();
        Optional<String> password = secrets.findString("repositoryPassword");
        Optional<String> secretUrl = secrets.findString("repositoryUrl");
        Map<String, String> environment = environment(secrets);
        Optional<String> sshKey = secrets.findString("sshKey");
        Optional<String> url = Optional.empty();
        Optional<String> authority = Optional.empty();
        List<String> hostKeys = List.of();
        if (fields.has("repository")) {
            Fields part = fields.getObject("repository");
            url = part.findString("url");
            authority = part.findString("caCertificate");
            hostKeys = part.getStrings("hostKeys");
            part.refuseUnknown();
            if (url.isPresent() && WITH_PASSWORD.matcher(url.get()).matches()) {
                throw part.problem("url", "it has a password in it; write it as the protected setting repositoryUrl");
            }
            if (url.isPresent() && secretUrl.isPresent()) {
                throw part.problem("url", "the protected setting repositoryUrl says it too; keep one of the two");
            }
            for (int i = 0; i < hostKeys.size(); i++) {
                if (!HOST_KEY.matcher(hostKeys.get(i)).matches()) {
                    throw part.problem(
                            "hostKeys[" + i + "]", "it is no line of known_hosts, like: host ssh-ed25519 AAAA...");
                }
            }
            if (authority.isPresent() && !authority.get().contains("-----BEGIN CERTIFICATE-----")) {
                throw part.problem("caCertificate", "it is no certificate in PEM form");
            }
        }
        boolean own = fields.has("repository");
        Optional<String> address = url.or(() -> secretUrl);
        if (own && address.isEmpty()) {
            throw fields.problem("repository", "it has no url, and there is no protected setting repositoryUrl");
        }
        if (password.isEmpty() || password.get().isEmpty() || password.get().contains("\n")) {
            throw secrets.problem(
                    "repositoryPassword",
                    own
                            ? "it is missing or has several lines; without it nothing can be encrypted"
                            : "it is missing: the control plane adds it for its own repositories, and did not");
        }
        if (!own) {
            // The control plane, too, goes by this key: without it, it makes a repository of its own and adds the
            // password.
            if (!environment.isEmpty() || sshKey.isPresent() || secretUrl.isPresent()) {
                throw fields.problem(
                        "repository",
                        "it is missing, and there are environment, sshKey or repositoryUrl for a repository of your own; "
                                + "write it, be it without anything in it");
            }
            return new Repository(controlPlane, password.get());
        }
        String place = address.orElseThrow();
        Fields named = url.isPresent() ? fields.getObject("repository") : secrets;
        String key = url.isPresent() ? "url" : "repositoryUrl";
        if (place.length() > 1000 || !URL.matcher(place).matches()) {
            throw named.problem(
                    key,
                    "it is none of s3:https://host/bucket, sftp://user@host/folder, rest:https://host/, b2:, azure:, gs:, "
                            + "swift: or an absolute path");
        }
        boolean sftp = place.startsWith("sftp:");
        if (sftp && !SFTP.matcher(place).matches()) {
            throw named.problem(key, "an address of SFTP looks like sftp://user@host:22//absolute/folder");
        }
        if (sftp && (sshKey.isEmpty() || hostKeys.isEmpty())) {
            throw named.problem(
                    key, "SFTP needs the protected setting sshKey, and repository.hostKeys to know the server by");
        }
        return new Repository(new Place.Own(place, environment, authority, hostKeys, sshKey), password.get());
    }

    private static Map<String, String> environment(Fields secrets) {
        Map<String, String> environment = new LinkedHashMap<>(secrets.getStringMap("environment"));
        environment.forEach((name, value) -> {
            if (!VARIABLE.matcher(name).matches()
                    || RESERVED.contains(name)
                    || name.startsWith("LD_")
                    || name.startsWith("RESTIC_")
                    || name.startsWith("VMEXT_")) {
                throw secrets.problem("environment." + name, "it is no name of a variable that a storage needs");
            }
            if (value.chars().anyMatch(c -> c < ' ' || c == 127)) {
                throw secrets.problem("environment." + name, "it has control characters or line breaks in it");
            }
        });
        return environment;
    }

    /**
     * The files that the program {@code repository.sh} reads, by name: what it needs to reach and open this repository.
     *
     * @param folder where they will lie; some name others
     * @param gateway for the control plane's
     */
    public Map<String, String> files(String folder, Optional<Gateway> gateway) {
        Map<String, String> files = new TreeMap<>();
        files.put("repository.password", password + "\n");
        switch (place) {
            case Place.ControlPlane(Optional<String> machine, Optional<String> installation) -> {
                Gateway way = gateway.orElseThrow(() -> new IllegalArgumentException("the gateway is not known"));
                // The address itself is read from the gateway's file each time: it may change.
                files.put("repository.gateway", way.file() + "\n");
                files.put(
                        "repository.path",
                        "/v1/repositories/%s/%s/%n"
                                .formatted(machine.orElse(way.machine()), installation.orElse(way.installation())));
            }
            case Place.Own own -> own(own, folder, files);
        }
        return files;
    }

    private static void own(Place.Own own, String folder, Map<String, String> files) {
        StringBuilder environment = new StringBuilder();
        new TreeMap<>(own.environment())
                .forEach((name, value) ->
                        environment.append(name).append('=').append(value).append('\n'));
        files.put("repository.environment", environment.toString());
        StringBuilder arguments = new StringBuilder();
        own.authority().ifPresent(pem -> {
            files.put("repository.ca.pem", pem.strip() + "\n");
            arguments.append("--cacert\n").append(folder).append("/repository.ca.pem\n");
        });
        String url = own.url();
        Matcher sftp = SFTP.matcher(url);
        if (own.sshKey().isPresent() && sftp.matches()) {
            files.put("repository.ssh-key", own.sshKey().get().strip() + "\n");
            files.put("repository.known-hosts", String.join("\n", own.hostKeys()) + "\n");
            arguments
                    .append("-o\nsftp.command=ssh -i ")
                    .append(folder)
                    .append("/repository.ssh-key -o BatchMode=yes -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes")
                    .append(" -o ServerAliveInterval=30 -o ServerAliveCountMax=4 -o GlobalKnownHostsFile=/dev/null")
                    .append(" -o UserKnownHostsFile=")
                    .append(folder)
                    .append("/repository.known-hosts -E ")
                    .append(folder)
                    .append("/repository.ssh-log -p ")
                    .append(Optional.ofNullable(sftp.group("port")).orElse("22"))
                    .append(' ')
                    .append(sftp.group("login"))
                    .append(" -s sftp\n");
        }
        files.put("repository.url", url + "\n");
        files.put("repository.arguments", arguments.toString());
    }

    /** Where it is, for people; without anything secret. */
    public String shown() {
        return switch (place) {
            case Place.ControlPlane _ -> "the control plane's repository";
            case Place.Own own -> own.url().replaceFirst("//[^/@]*:[^/@]*@", "//***@");
        };
    }

    @Override
    public String toString() {
        return "Repository[" + shown() + "]";
    }
}
