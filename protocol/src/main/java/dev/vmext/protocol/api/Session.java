package dev.vmext.protocol.api;

import java.util.List;

/** Who the caller is and what it may do. */
public record Session(String subject, List<String> permissions) {}
