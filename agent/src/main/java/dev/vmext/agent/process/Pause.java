package dev.vmext.agent.process;

import java.time.Duration;

/** Waiting, handed in from outside: the real one is {@link Thread#sleep(Duration)}. */
public interface Pause {
    void forTime(Duration duration) throws InterruptedException;
}
