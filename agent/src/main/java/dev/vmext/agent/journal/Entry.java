package dev.vmext.agent.journal;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that is remembered of one installation. Immutable; every change is a new entry that replaces the old one in the journal.
 *
 * @param previous what an update could return to
 * @param returning why the agent goes back to {@link #previous}, null while it does not
 * @param failure why the target was given up, null while it was not
 * @param settleBy until when an enabled handler must say that it succeeded
 * @param memory what is remembered beyond versions and steps
 * @param status as it is reported
 */
public record Entry(
        String name,
        String extension,
        Target target,
        @Nullable Deployed current,
        @Nullable Deployed next,
        @Nullable Previous previous,
        @Nullable Cause returning,
        @Nullable Failure failure,
        @Nullable Intent intent,
        @Nullable Instant settleBy,
        Memory memory,
        InstallationStatus status) {
    public Entry {
        Objects.requireNonNull(name);
        Objects.requireNonNull(extension);
        Objects.requireNonNull(target);
        Objects.requireNonNull(memory);
        Objects.requireNonNull(status);
    }

    /** An entry of which nothing more is remembered. */
    public Entry(
            String name,
            String extension,
            Target target,
            @Nullable Deployed current,
            @Nullable Deployed next,
            @Nullable Previous previous,
            @Nullable Cause returning,
            @Nullable Failure failure,
            @Nullable Intent intent,
            @Nullable Instant settleBy,
            InstallationStatus status) {
        this(
                name,
                extension,
                target,
                current,
                next,
                previous,
                returning,
                failure,
                intent,
                settleBy,
                Memory.NONE,
                status);
    }

    public Optional<Deployed> find(Slot slot) {
        return Optional.ofNullable(slot == Slot.CURRENT ? current : next);
    }

    public Deployed get(Slot slot) {
        return find(slot)
                .orElseThrow(
                        () -> new IllegalStateException("installation " + name + " has no version in slot " + slot));
    }

    /** The slot whose handler is in charge: the next one from its enable on. */
    public Slot activeSlot() {
        return next != null && (next.enabled() || current == null) ? Slot.NEXT : Slot.CURRENT;
    }

    public Optional<Deployed> active() {
        return find(activeSlot());
    }

    public Entry with(Slot slot, @Nullable Deployed deployed) {
        return slot == Slot.CURRENT
                ? change().current(deployed).done()
                : change().next(deployed).done();
    }

    /**
     * The package that is to be in charge now: the target's, unless that one is held and another one is there; then what is there
     * stays.
     */
    public Digest wanted() {
        Deployed there = current;
        return held() && there != null ? there.digest() : target.digest();
    }

    /** Whether the target's package is held and another one is there in its stead. */
    public boolean held() {
        Hold hold = memory.hold();
        return hold != null && current != null && hold.digest().equals(target.digest());
    }

    public Entry with(Memory newMemory) {
        return change().memory(newMemory).done();
    }

    public Entry with(InstallationStatus newStatus) {
        return change().status(newStatus).done();
    }

    /** Starts a changed copy. */
    public Change change() {
        return new Change(this);
    }

    /** A copy in the making; used by one thread. */
    public static final class Change {
        private final Entry old;
        private Target target;
        private @Nullable Deployed current;
        private @Nullable Deployed next;
        private @Nullable Previous previous;
        private @Nullable Cause returning;
        private @Nullable Failure failure;
        private @Nullable Intent intent;
        private @Nullable Instant settleBy;
        private Memory memory;
        private InstallationStatus status;

        private Change(Entry old) {
            this.old = old;
            this.target = old.target;
            this.current = old.current;
            this.next = old.next;
            this.previous = old.previous;
            this.returning = old.returning;
            this.failure = old.failure;
            this.intent = old.intent;
            this.settleBy = old.settleBy;
            this.memory = old.memory;
            this.status = old.status;
        }

        public Change target(Target value) {
            this.target = value;
            return this;
        }

        public Change current(@Nullable Deployed value) {
            this.current = value;
            return this;
        }

        public Change next(@Nullable Deployed value) {
            this.next = value;
            return this;
        }

        public Change previous(@Nullable Previous value) {
            this.previous = value;
            return this;
        }

        public Change returning(@Nullable Cause value) {
            this.returning = value;
            return this;
        }

        public Change failure(@Nullable Failure value) {
            this.failure = value;
            return this;
        }

        public Change intent(@Nullable Intent value) {
            this.intent = value;
            return this;
        }

        public Change settleBy(@Nullable Instant value) {
            this.settleBy = value;
            return this;
        }

        public Change memory(Memory value) {
            this.memory = value;
            return this;
        }

        public Change status(InstallationStatus value) {
            this.status = value;
            return this;
        }

        public Entry done() {
            return new Entry(
                    old.name,
                    old.extension,
                    target,
                    current,
                    next,
                    previous,
                    returning,
                    failure,
                    intent,
                    settleBy,
                    memory,
                    status);
        }
    }
}
