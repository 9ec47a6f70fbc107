package io.vireo.router.leases;

import java.util.Arrays;
import java.util.Optional;

/**
 * What the journal says at one point of a client's resource.
 *
 * @param seconds since the epoch: when the lease ends, when the client released it, or until when the declined resource rests
 */
public record LeaseRecord(State state, Client client, Resource resource, long seconds) {
    /** What became of the resource. */
    public enum State {
        LEASED(0),
        RELEASED(1),
        DECLINED(2);

        /** In the journal. */
        final int code;

        State(int code) {
            this.code = code;
        }

        static Optional<State> of(int code) {
            return Arrays.stream(values()).filter(state -> state.code == code).findFirst();
        }
    }

    static LeaseRecord of(Lease lease) {
        return new LeaseRecord(State.LEASED, lease.client(), lease.resource(), lease.expiresAtSeconds());
    }

    Lease toLease() {
        return new Lease(client, resource, seconds);
    }

    /** Whether there is a lease, or a rest, at that moment. */
    public boolean inForce(long nowSeconds) {
        return state != State.RELEASED && seconds > nowSeconds;
    }
}
