package dev.vmext.fleet;

import java.time.Instant;

/** A machine that may enrol, and the token that lets it. The token is in no store and in no other answer. */
public record Enrolment(MachineRecord machine, Secret token, Instant expiresAt) {}
