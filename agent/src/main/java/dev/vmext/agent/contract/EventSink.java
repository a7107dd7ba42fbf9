package dev.vmext.agent.contract;

import java.util.List;

/** Takes what handlers tell through their events folder (azure-contract 1.18). Any thread. */
public interface EventSink {
    /**
     * Takes the events of one pass over one folder, newest file first. Losing some is allowed, throwing is not.
     *
     * @param extension whose folder it is; installations of one extension share it
     */
    void accept(String extension, List<HandlerEvent> events);
}
