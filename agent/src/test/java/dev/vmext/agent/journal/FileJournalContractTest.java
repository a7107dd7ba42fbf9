package dev.vmext.agent.journal;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileJournalContractTest extends JournalContract {
    @TempDir
    Path folder;

    @Override
    Journal open() {
        return new FileJournal(folder);
    }
}
