package dev.vmext.testkit.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts everything that leaves the process: each is a point at which it can die. Armed, it blows at one of them, and from then on
 * nothing gets through until it is replaced: whatever a dying program still tries in its {@code finally} blocks must not reach the
 * world. One thread.
 */
public final class Fuse {
    /** Thrown at the point; an error, so that no handler of failures takes it for one. */
    public static final class Blown extends Error {
        private static final long serialVersionUID = 1;

        private Blown(String where) {
            super(where, null, false, false);
        }
    }

    private final List<String> points = new ArrayList<>();
    private int at = -1;
    private double share;
    private boolean dead;
    private boolean counting;
    private boolean others;
    private @Nullable Consumer<String> watcher;

    /** Counts from zero, and never blows. */
    public void count() {
        arm(-1, 0);
    }

    /**
     * Counts from zero and blows at this point.
     *
     * @param point the number of the effect that does not happen, from 0
     * @param ofIt what share of its bytes still gets through if it is a write, 0 to 1
     */
    public void arm(int point, double ofIt) {
        points.clear();
        at = point;
        share = ofIt;
        dead = false;
        counting = true;
    }

    /** Lets everything through again, uncounted. */
    public void replace() {
        at = -1;
        dead = false;
        counting = false;
    }

    /** Nothing blows; instead somebody is told before each point, to look at the world as it is there. Null for nobody. */
    public void watch(@Nullable Consumer<String> whom) {
        replace();
        watcher = whom;
    }

    /** Whether somebody looks at every point. */
    boolean watched() {
        return watcher != null && !others;
    }

    /** The world is at a point that {@link #allow} does not know. */
    void look(String what) {
        Consumer<String> whom = watcher;
        if (whom != null && !others) {
            whom.accept(what);
        }
    }

    /** Whether it has blown and was not replaced. */
    public boolean blown() {
        return dead;
    }

    /** What happened since it was armed, in order. */
    public List<String> points() {
        return List.copyOf(points);
    }

    /** Something is about to happen outside of the process. */
    public void effect(String what) {
        if (allow(what, 1) == 0) {
            throw new Blown(what);
        }
    }

    /** Carries out what other processes do: it is not counted, and happens whether or not this one is alive. */
    public void byOthers(Runnable work) {
        boolean before = others;
        others = true;
        try {
            work.run();
        } finally {
            others = before;
        }
    }

    /** Bytes are about to be written; answers how many still get through. If not all, the caller calls {@link #blow} after those. */
    int allow(String what, int bytes) {
        if (others) {
            return bytes;
        }
        if (dead) {
            throw new Blown("after its end: " + what);
        }
        look(what);
        if (!counting) {
            return bytes;
        }
        points.add(what);
        if (points.size() - 1 != at) {
            return bytes;
        }
        dead = true;
        return Math.min(bytes - 1, (int) (bytes * share));
    }

    Blown blow(String what) {
        return new Blown(what);
    }
}
