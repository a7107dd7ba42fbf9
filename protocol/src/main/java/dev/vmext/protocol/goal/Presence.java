package dev.vmext.protocol.goal;

/** Whether an installation should be on the machine. An absent one stays in the goal until the agent reported it removed. */
public enum Presence {
    PRESENT,
    ABSENT;

    public String wire() {
        return this == PRESENT ? "present" : "absent";
    }
}
