package dev.vmext.protocol.link;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;

/**
 * The machine's key for protected settings as the agent publishes it: payload of {@code vmext.keys/v1 publish}. Only the certificate
 * leaves the machine; that it belongs to the machine is what the client certificate of the connection says.
 *
 * @param certificate PEM
 */
public record SettingsKey(String certificate) {
    private static final int MAX_BYTES = 16 * 1024;
    private static final int FORMAT = 1;

    public SettingsKey {
        Objects.requireNonNull(certificate);
    }

    public byte[] encode() {
        return new JsonWriter()
                .number("v", FORMAT)
                .text("certificate", certificate)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else; does not look into the certificate. */
    public static SettingsKey decode(byte[] json) {
        JsonReader in = new JsonReader("the settings key", json, MAX_BYTES);
        String certificate = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "v" -> {
                    if (in.integer() != FORMAT) {
                        throw in.refused("its format is not known to this version");
                    }
                }
                case "certificate" -> certificate = in.string();
                default -> in.skip();
            }
        }
        in.end();
        if (certificate == null) {
            throw in.missing("certificate");
        }
        return new SettingsKey(certificate);
    }
}
