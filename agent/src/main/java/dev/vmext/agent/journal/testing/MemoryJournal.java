package dev.vmext.agent.journal.testing;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Journal;
import dev.vmext.protocol.goal.GoalOffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A journal that lasts as long as this object; give it to the next agent for what a restart finds. One thread at a time. */
public final class MemoryJournal implements Journal {
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private @Nullable GoalOffer goal;

    @Override
    public Map<String, Entry> entries() {
        return Map.copyOf(entries);
    }

    @Override
    public void put(Entry entry) {
        entries.put(entry.name(), entry);
    }

    @Override
    public void remove(String name) {
        entries.remove(name);
    }

    @Override
    public Optional<GoalOffer> goal() {
        return Optional.ofNullable(goal);
    }

    @Override
    public void goal(GoalOffer offer) {
        goal = offer;
    }

    @Override
    public void close() {
        // the entries stay for the next agent
    }
}
