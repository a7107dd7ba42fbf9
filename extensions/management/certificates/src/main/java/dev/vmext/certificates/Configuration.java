package dev.vmext.certificates;

import dev.vmext.certificates.CertificateSettings.Acme;
import dev.vmext.certificates.CertificateSettings.Wanted;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The settings as the files that the programs read, below the configuration folder. Pure. */
final class Configuration {
    private Configuration() {}

    static Map<String, String> files(CertificateSettings settings, List<String> units) {
        Map<String, String> files = new TreeMap<>();
        files.put("units", lines(units));
        for (Wanted one : settings.certificates()) {
            String folder = "wanted/" + one.name() + "/";
            files.put(folder + "values", """
                    issuer %s
                    keyType %s
                    renewBeforeDays %d
                    owner %s
                    group %s
                    mode %s
                    """.formatted(
                            issuer(one),
                            one.keyType(),
                            one.renewBeforeDays(),
                            one.rights().owner(),
                            one.rights().group(),
                            one.rights().mode()));
            files.put(folder + "names", lines(one.names()));
            files.put(
                    folder + "san",
                    one.names().stream()
                                    .map(name -> (CertificateSettings.isAddress(name) ? "IP:" : "DNS:") + name)
                                    .collect(Collectors.joining(","))
                            + "\n");
            // When this changes a new certificate is needed, whatever the old one says.
            files.put(
                    folder + "origin",
                    one.byAcme()
                            ? "acme %s %s\n"
                                    .formatted(settings.acme().map(Acme::server).orElse(""), one.keyType())
                            : "control-plane %s %d\n".formatted(one.keyType(), one.lifeDays()));
            files.put(folder + "units", lines(one.reloadUnits()));
            String hook = settings.hooks().get(one.name());
            if (hook != null) {
                files.put(folder + "hook", hook);
            }
        }
        settings.acme().ifPresent(acme -> {
            files.put("acme/values", """
                    server %s
                    email %s
                    challenge %s
                    port %d
                    webroot %s
                    provider %s
                    """.formatted(
                            acme.server(),
                            acme.email(),
                            acme.challenge(),
                            acme.port(),
                            acme.webroot().orElse(""),
                            acme.provider().orElse("")));
            acme.authority().ifPresent(pem -> files.put("acme/ca.pem", pem));
            files.put(
                    "acme/environment",
                    new TreeMap<>(settings.environment())
                            .entrySet().stream()
                                    .map(variable -> variable.getKey() + "=" + variable.getValue() + "\n")
                                    .collect(Collectors.joining()));
        });
        return files;
    }

    private static String issuer(Wanted one) {
        return one.byAcme() ? "acme" : "control-plane";
    }

    private static String lines(List<String> texts) {
        return texts.isEmpty() ? "" : String.join("\n", texts) + "\n";
    }
}
