package dev.vmext.protocol.problem;

/** Who must act before the same request can succeed. */
public enum Blame {
    CALLER,
    OPERATOR,
    PUBLISHER,
    MACHINE_OWNER,
    NETWORK,
    VMEXT
}
