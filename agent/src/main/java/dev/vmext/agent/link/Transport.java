package dev.vmext.agent.link;

import java.io.IOException;
import java.util.Optional;

/** Opens connections to a gateway. */
interface Transport {
    /**
     * Opens one. Throws {@link Refusal} when the gateway answered but does not want this machine now, else a plain {@link
     * IOException}.
     *
     * @param gateway {@code host:port}
     * @param identity what to prove, empty for none
     * @param token to enrol with, empty for none
     */
    Connection open(String gateway, Optional<Identity> identity, Optional<String> token, Receiver receiver)
            throws IOException, InterruptedException;

    /** Takes what arrives; called by the transport's threads, never after {@link #closed}. */
    interface Receiver {
        void message(byte[] frame);

        /** The peer has more to say and can only answer: it should be asked at once. */
        void more();

        void closed(IOException why);
    }
}
