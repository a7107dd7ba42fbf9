package dev.vmext.agent;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.run.StepRunner;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one way to change an entry: it is written down, what is new in its status is reported, and a step that is to end is told so.
 * Used by the loop.
 */
final class Ledger {
    private final Journal journal;
    private final StepRunner runner;
    private final Outbox outbox;
    private final StatusSheet sheet;

    Ledger(Journal journal, StepRunner runner, Outbox outbox, InstantSource clock) {
        this.journal = journal;
        this.runner = runner;
        this.outbox = outbox;
        this.sheet = new StatusSheet(clock);
    }

    Map<String, Entry> entries() {
        return journal.entries();
    }

    @Nullable Entry find(String name) {
        return journal.entries().get(name);
    }

    /** What an agent before this one reported last. */
    void remember(Entry entry) {
        sheet.seen(entry.status());
    }

    void store(Entry changed) {
        var _ = stored(changed);
    }

    /** The entry as it is stored: with the version on the machine and the time of this observation in its status. */
    Entry stored(Entry changed) {
        Entry entry = changed.with(sheet.fill(changed));
        if (!entry.equals(find(entry.name()))) {
            journal.put(entry);
            if (sheet.isNews(entry.status())) {
                outbox.report(entry.status());
            }
        }
        Intent intent = entry.intent();
        if (intent != null && intent.stop() != null) {
            runner.stop(intent.run());
        }
        return entry;
    }

    void drop(String name) {
        journal.remove(name);
        sheet.forget(name);
        outbox.forget(name);
    }

    void reportAll() {
        entries().values().forEach(entry -> outbox.report(entry.status()));
    }
}
