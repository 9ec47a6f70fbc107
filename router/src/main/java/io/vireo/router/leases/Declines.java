package io.vireo.router.leases;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/**
 * What clients declined (RFC 2131, 3.1, 5; RFC 8415, 18.3.8): it rests for a while, as somebody else seems to use it. A client
 * that has declined {@value #PER_CLIENT} in that time gets no other, so that one alone cannot empty a pool.
 */
final class Declines {
    static final int PER_CLIENT = 8;
    static final int REST_SECONDS = 600;

    /** @param rests false if it is the client's alone, or if enough of its pool rests: it only counts, then */
    private record Declined(Holding holding, LeaseRecord entry, boolean rests) {}

    private final Deque<Declined> declined = new ArrayDeque<>();

    /** @param entry of a resource that is taken */
    void add(Holding holding, LeaseRecord entry) {
        boolean rests = holding.reserved == null && holding.space.tryRest();
        if (!rests) {
            holding.giveBack(entry.resource());
        }
        holding.declined++;
        declined.add(new Declined(holding, entry, rests));
    }

    /** Gives back what has rested; all rest equally long, so that the first are done first. */
    void endRests(long nowSeconds) {
        while (!declined.isEmpty() && declined.getFirst().entry.seconds() <= nowSeconds) {
            Declined first = declined.removeFirst();
            first.holding.declined--;
            if (first.rests) {
                first.holding.space.endRest(first.entry.resource());
            }
        }
    }

    static boolean isExcessive(Holding holding) {
        return holding.declined >= PER_CLIENT;
    }

    void writeTo(Collection<LeaseRecord> records) {
        List<LeaseRecord> entries = declined.stream().map(Declined::entry).toList();
        records.addAll(entries);
    }
}
