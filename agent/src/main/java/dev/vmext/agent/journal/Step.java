package dev.vmext.agent.journal;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.Digest;

/**
 * One thing to do for one installation, small enough to be repeated or to be found again after a crash. Written down before it is
 * done.
 */
public sealed interface Step {
    /** The word for it in causes and logs. */
    String word();

    /** Download and verify a package. */
    record Fetch(Digest digest) implements Step {
        @Override
        public String word() {
            return "fetch";
        }
    }

    /** Verify again and unpack into a folder of its own: makes {@link Slot#NEXT}. */
    record Unpack(Digest digest, String version) implements Step {
        @Override
        public String word() {
            return "unpack";
        }
    }

    record WriteSettings(Slot slot, long sequence) implements Step {
        @Override
        public String word() {
            return "settings";
        }
    }

    /** Put aside what a return to the current version would need. */
    record KeepOld() implements Step {
        @Override
        public String word() {
            return "keep";
        }
    }

    /** Copy what the handler remembers from the current to the next version (azure-contract 1.11 no. 3). */
    record CopyState() implements Step {
        @Override
        public String word() {
            return "copy-state";
        }
    }

    /** Give the unpacked old version back what was put aside. */
    record RestoreOld() implements Step {
        @Override
        public String word() {
            return "restore";
        }
    }

    /**
     * Run a command of the handler.
     *
     * @param slot whose step it is
     * @param code whose package is called: the same, but for update on a downgrade
     */
    record Run(Slot slot, HandlerCommand command, Slot code) implements Step {
        public Run(Slot slot, HandlerCommand command) {
            this(slot, command, slot);
        }

        @Override
        public String word() {
            return command.text();
        }
    }

    /**
     * The work of these settings was done by the version before: this one counts as enabled without being called. For one-shots
     * only.
     */
    record Adopt(Slot slot) implements Step {
        @Override
        public String word() {
            return "adopt";
        }
    }

    /** Delete the folder of a version. */
    record Remove(Slot slot) implements Step {
        @Override
        public String word() {
            return "remove";
        }
    }

    /** Delete the folder of the installation: the last step of a removal. */
    record Forget() implements Step {
        @Override
        public String word() {
            return "remove";
        }
    }
}
