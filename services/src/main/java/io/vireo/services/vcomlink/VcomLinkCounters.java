package io.vireo.services.vcomlink;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counters for any thread. */
@SuppressWarnings("EnumOrdinal") // an index into an array of all
final class VcomLinkCounters {
    private final AtomicLongArray counts = new AtomicLongArray(VcomLinkCounter.values().length);

    void add(VcomLinkCounter counter) {
        counts.incrementAndGet(counter.ordinal());
    }

    Map<VcomLinkCounter, Long> snapshot() {
        Map<VcomLinkCounter, Long> all = new EnumMap<>(VcomLinkCounter.class);
        for (VcomLinkCounter counter : VcomLinkCounter.values()) {
            all.put(counter, counts.get(counter.ordinal()));
        }
        return all;
    }
}
