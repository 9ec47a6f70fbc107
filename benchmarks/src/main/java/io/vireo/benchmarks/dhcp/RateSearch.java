package io.vireo.benchmarks.dhcp;

import java.io.IOException;

/** Looks for the highest rate that a server keeps up with, as RFC 2544, 26.1 does: by trials of which each is a whole run. */
final class RateSearch {
    private static final double PRECISION = 0.05;

    /** A run at a rate. */
    interface Trial {
        /** @return the part of what was begun that was completed */
        double completed(int rate) throws IOException;
    }

    private RateSearch() {}

    /**
     * Doubles the rate until a trial fails, and halves the distance until it is known to a twentieth.
     *
     * @param required the part that must be completed
     * @return the highest rate that passed; 0 if not even {@code lowest} did
     */
    static int highest(Trial trial, int lowest, int limit, double required) throws IOException {
        int passed = 0;
        int next = lowest;
        while (next <= limit && trial.completed(next) >= required) {
            passed = next;
            next *= 2;
        }
        int failed = Math.min(next, limit);
        while (passed > 0 && failed - passed > passed * PRECISION) {
            int middle = (passed + failed) / 2;
            if (trial.completed(middle) >= required) {
                passed = middle;
            } else {
                failed = middle;
            }
        }
        return passed;
    }
}
