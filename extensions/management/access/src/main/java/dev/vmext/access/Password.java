package dev.vmext.access;

import dev.vmext.extensionkit.Fields;
import java.util.regex.Pattern;

/**
 * A password to set. It is given to a program on its standard input and kept nowhere.
 *
 * @param hashed whether the secret is a hash as /etc/shadow has it
 * @param mustChange whether the owner has to choose another at the next login
 */
record Password(String secret, boolean hashed, boolean mustChange) {
    /** yescrypt, gost-yescrypt, scrypt, bcrypt, sha512crypt, sha256crypt; nothing older. */
    private static final Pattern HASH = Pattern.compile("\\$(y|gy|7|2[aby]|6|5)\\$[./A-Za-z0-9$=,]{20,300}");

    private static final Pattern VALUE = Pattern.compile("[^\\x00-\\x1f\\x7f]{8,256}");

    static Password from(Fields fields) {
        boolean hashed = fields.has("hash");
        if (hashed == fields.has("value")) {
            throw fields.problem(hashed ? "hash" : "value", "exactly one of value and hash is needed");
        }
        String secret = hashed
                ? Checks.matching(
                        fields, "hash", HASH, "a hash of mkpasswd: yescrypt, scrypt, bcrypt, SHA-512 or SHA-256")
                : Checks.matching(fields, "value", VALUE, "a text of 8 to 256 characters on one line");
        boolean mustChange = fields.getBoolean("mustChange", false);
        fields.refuseUnknown();
        return new Password(secret, hashed, mustChange);
    }

    @Override
    public String toString() {
        return "Password[]";
    }
}
