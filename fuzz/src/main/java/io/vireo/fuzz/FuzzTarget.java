package io.vireo.fuzz;

import java.util.List;

/** One thing that is fed with arbitrary input. Made once a process, used by one thread. */
public interface FuzzTarget {
    /**
     * Does something with an input, and leaves nothing behind that another run would notice.
     *
     * @throws Exception if a claim does not hold, or the code under attack fails: any is a finding
     */
    void run(Input input) throws Exception;

    /** Inputs to begin with: whole, valid ones, from which mutation gets far. */
    default List<byte[]> seeds() {
        return List.of();
    }

    /** Bytes; longer inputs are not tried. */
    default int maximumLength() {
        return 512;
    }

    /** @throws AssertionError unless it holds */
    static void claim(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
