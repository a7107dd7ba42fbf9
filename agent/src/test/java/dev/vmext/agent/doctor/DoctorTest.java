package dev.vmext.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

/** What the doctor says of a failure of its own. */
class DoctorTest {
    @Test
    void aFailureOfTheFileSystemSaysWhatIsTheMatterWithThePath() {
        assertThat(Doctor.text(new AccessDeniedException("/x"))).isEqualTo("no permission for /x");
        assertThat(Doctor.text(new NoSuchFileException("/x"))).isEqualTo("/x does not exist");
        assertThat(Doctor.text(new IOException("why"))).isEqualTo("why");
        assertThat(Doctor.text(new IOException())).isEqualTo("IOException");
    }
}
