package dev.vmext.cli;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names that nobody has to remember. */
final class ShortName {
    private ShortName() {}

    /** Eight hexadecimal digits. */
    static String random(SecureRandom random) {
        byte[] bytes = new byte[4];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
