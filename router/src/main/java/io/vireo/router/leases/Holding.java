package io.vireo.router.leases;

import org.jspecify.annotations.Nullable;

/** What a client has of a kind, is offered, and had. Identity is equality. */
final class Holding {
    final Claim claim;
    final Space space;

    /** Fixed by the configuration: always this and nothing else. */
    final @Nullable Resource reserved;

    @Nullable
    Lease lease;

    /** Taken from the space, unless it is the reserved one. */
    @Nullable
    Resource offer;

    long offerUntilSeconds;

    /** What it had or was offered last. */
    @Nullable
    Resource last;

    /** The record of its last lease, after that has ended. */
    @Nullable
    LeaseRecord ended;

    /** How many it declined of late. */
    int declined;

    Holding(Claim claim, Space space, @Nullable Resource reserved) {
        this.claim = claim;
        this.space = space;
        this.reserved = reserved;
    }

    /** Whether the client has the resource, or may have it for the asking. */
    boolean has(Resource resource) {
        return lease != null ? lease.resource().equals(resource) : resource.equals(reserved) || resource.equals(offer);
    }

    void giveBack(Resource resource) {
        if (reserved == null) {
            space.giveBack(resource);
        }
    }
}
