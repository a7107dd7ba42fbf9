package dev.vmext.agent.contract;

import java.io.IOException;
import java.util.List;

/** Takes the findings that handlers leave in their events folders, of which none may be lost. Any thread. */
public interface FindingEvents {
    /** Leaves them among the other events. */
    FindingEvents NONE = new FindingEvents() {
        @Override
        public boolean takes(HandlerEvent event) {
            return false;
        }

        @Override
        public boolean wanted(String extension) {
            return false;
        }

        @Override
        public boolean taken(String extension, String file) {
            return false;
        }

        @Override
        public void take(String extension, List<String> files, List<HandlerEvent> events) {}
    };

    /** Whether this event is a finding. */
    boolean takes(HandlerEvent event);

    /** Whether packages of this extension report findings, so that each of its files has to be read. */
    boolean wanted(String extension);

    /** Whether the findings of this file were taken already, by an agent that went down before it could delete the file. */
    boolean taken(String extension, String file);

    /**
     * Takes the findings of these files. When it returns they survive a power cut, and the files are deleted; when it throws the files
     * stay for the next time.
     *
     * @param events oldest first; may be none
     */
    void take(String extension, List<String> files, List<HandlerEvent> events) throws IOException;
}
