package dev.vmext.server.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineLanesTest {
    private final List<Runnable> threads = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final MachineLanes lanes = new MachineLanes(threads::add);

    @Test
    void runsTheWorkOfOneMachineOnOneThreadInOrder() {
        lanes.add("a", () -> done.add("a1"));
        lanes.add("a", () -> done.add("a2"));

        assertThat(threads).hasSize(1);
        threads.getFirst().run();
        assertThat(done).containsExactly("a1", "a2");
    }

    @Test
    void givesEveryMachineAThreadOfItsOwn() {
        lanes.add("a", () -> done.add("a"));
        lanes.add("b", () -> done.add("b"));

        assertThat(threads).hasSize(2);
        threads.getLast().run();
        assertThat(done).containsExactly("b");
    }

    @Test
    void startsAFreshThreadWhenTheEarlierWorkIsDone() {
        lanes.add("a", () -> done.add("a1"));
        threads.removeFirst().run();

        lanes.add("a", () -> done.add("a2"));

        assertThat(threads).hasSize(1);
    }

    @Test
    void takesWorkThatWorkAdds() {
        lanes.add("a", () -> lanes.add("a", () -> done.add("later")));

        threads.getFirst().run();

        assertThat(done).containsExactly("later");
        assertThat(threads).hasSize(1);
    }
}
