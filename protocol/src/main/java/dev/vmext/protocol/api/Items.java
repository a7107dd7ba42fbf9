package dev.vmext.protocol.api;

import java.util.List;

/** A list answer. An object and not an array, so that it can grow. */
public record Items<T>(List<T> items) {
    public Items {
        items = List.copyOf(items);
    }
}
