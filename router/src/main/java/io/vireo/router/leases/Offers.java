package io.vireo.router.leases;

import java.util.LinkedHashSet;

/** What is held for clients that have asked and not yet answered: one resource a client and kind, for a while. */
final class Offers {
    static final int HELD_SECONDS = 60;

    /** The oldest first. */
    private final LinkedHashSet<Holding> offers = new LinkedHashSet<>();

    /** @param resource taken from the client's space */
    void hold(Holding holding, Resource resource, long nowSeconds) {
        take(holding);
        holding.offer = resource;
        holding.last = resource;
        holding.offerUntilSeconds = nowSeconds + HELD_SECONDS;
        offers.add(holding);
    }

    /** Ends an offer whose resource stays taken. */
    void take(Holding holding) {
        offers.remove(holding);
        holding.offer = null;
    }

    /** Ends an offer and gives its resource back. */
    void end(Holding holding) {
        Resource resource = holding.offer;
        take(holding);
        if (resource != null) {
            holding.giveBack(resource);
        }
    }

    void endLapsed(long nowSeconds) {
        while (!offers.isEmpty() && offers.getFirst().offerUntilSeconds <= nowSeconds) {
            end(offers.getFirst());
        }
    }
}
