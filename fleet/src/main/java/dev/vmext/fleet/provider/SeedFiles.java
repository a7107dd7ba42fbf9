package dev.vmext.fleet.provider;

/**
 * The two files of a cloud-init NoCloud seed: {@code user-data} (begins with {@code #cloud-config}) and {@code meta-data}
 * (YAML with {@code instance-id} and {@code local-hostname}). They may hold an enrolment token, so the text is never logged.
 */
public record SeedFiles(String userData, String metaData) {
    public SeedFiles {
        if (metaData.isBlank()) {
            throw new IllegalArgumentException("meta-data needs at least an instance-id");
        }
    }

    @Override
    public String toString() {
        return "SeedFiles[hidden]";
    }
}
