package dev.vmext.extensionkit;

/** The settings of one sequence number, protected ones decrypted. Its text form shows no value at all. */
public record Settings(int sequenceNumber, Json.Obj publicSettings, Json.Obj protectedSettings) {
    public Fields publicFields() {
        return Fields.of("settings", publicSettings);
    }

    public Fields protectedFields() {
        return Fields.of("protectedSettings", protectedSettings);
    }

    @Override
    public String toString() {
        return "Settings[sequenceNumber=" + sequenceNumber + "]";
    }
}
