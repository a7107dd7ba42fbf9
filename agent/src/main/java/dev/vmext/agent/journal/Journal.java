package dev.vmext.agent.journal;

import dev.vmext.protocol.goal.GoalOffer;
import java.util.Map;
import java.util.Optional;

/** What survives a crash. Every method returns only when what it was given does. Used by the agent's loop alone. */
public interface Journal extends AutoCloseable {
    /** All entries by installation name. */
    Map<String, Entry> entries();

    void put(Entry entry);

    void remove(String name);

    /** The last goal that was taken. */
    Optional<GoalOffer> goal();

    void goal(GoalOffer goal);

    @Override
    void close();
}
