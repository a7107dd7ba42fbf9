package dev.vmext.agent.journal;

import dev.vmext.agent.journal.testing.MemoryJournal;

class MemoryJournalTest extends JournalContract {
    private final MemoryJournal journal = new MemoryJournal();

    @Override
    Journal open() {
        return journal;
    }
}
