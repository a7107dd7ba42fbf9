package dev.vmext.systemtests.conformance;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with a stage of its own. */
abstract class StagedTest {
    @TempDir
    Path temp;

    Stage stage;

    @BeforeEach
    void open() throws IOException {
        stage = new Stage(temp);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
    }
}
