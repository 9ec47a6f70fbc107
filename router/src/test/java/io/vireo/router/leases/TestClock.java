package io.vireo.router.leases;

import java.time.Instant;
import java.time.InstantSource;

/** Goes when it is told to. */
final class TestClock implements InstantSource {
    static final long START = 1_700_000_000;

    private long milliseconds = START * 1000;

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(milliseconds);
    }

    long seconds() {
        return milliseconds / 1000;
    }

    void advance(long seconds) {
        milliseconds += seconds * 1000;
    }

    void advanceMilliseconds(long more) {
        milliseconds += more;
    }
}
