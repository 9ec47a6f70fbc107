package io.vireo.router.leases;

/**
 * A resource in a client's hands.
 *
 * @param expiresAtSeconds since the epoch: the first second in which it is no longer the client's; {@link #NEVER}
 */
public record Lease(Client client, Resource resource, long expiresAtSeconds) {
    /** As a duration and as a moment: for ever. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How many whole seconds are left of it, {@link #NEVER}, or 0. */
    public long remainingSeconds(long nowSeconds) {
        return expiresAtSeconds == NEVER ? NEVER : Math.max(expiresAtSeconds - nowSeconds, 0);
    }
}
