package io.vireo.services.migtd;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a relay; any thread may add and look. */
final class MigTdCounters {
    private final Map<MigTdCounter, LongAdder> counts = new EnumMap<>(MigTdCounter.class);

    MigTdCounters() {
        for (MigTdCounter counter : MigTdCounter.values()) {
            counts.put(counter, new LongAdder());
        }
    }

    void add(MigTdCounter counter, long amount) {
        LongAdder count = counts.get(counter);
        if (count != null) {
            count.add(amount);
        }
    }

    Map<MigTdCounter, Long> snapshot() {
        Map<MigTdCounter, Long> all = new EnumMap<>(MigTdCounter.class);
        counts.forEach((counter, count) -> all.put(counter, count.sum()));
        return all;
    }
}
