package dev.vmext.packageformat.manifest;

/** What a handler may use of the gateway by itself, with the machine's certificate. The server decides each request by the machine's goal. */
public enum GatewayUse {
    /** A backup repository for the installation. */
    REPOSITORY("repository"),
    /** Certificates of the control plane's authority for services of the machine. */
    CERTIFICATES("certificates");

    private final String text;

    GatewayUse(String text) {
        this.text = text;
    }

    /** The word in {@code extension.json}. */
    public String text() {
        return text;
    }
}
