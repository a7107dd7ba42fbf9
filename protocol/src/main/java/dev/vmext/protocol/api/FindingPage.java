package dev.vmext.protocol.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some findings, those seen last first.
 *
 * @param next what to ask with for those that follow, null at the end
 */
public record FindingPage(List<FindingView> items, @Nullable String next) {
    public FindingPage {
        items = List.copyOf(items);
    }
}
