package io.vireo.router.dataplane;

import org.jspecify.annotations.Nullable;

/** Where a packet goes that none of the network's guests has the destination of. Compare them by identity. */
public final class Route {
    /** Out to the host. */
    public static final Route UPLINK = new Route(null, null);

    /** Dropped, and nobody is told. */
    public static final Route BLACKHOLE = new Route(null, null);

    /** Nowhere; the sender is told. */
    public static final Route UNREACHABLE = new Route(null, null);

    private final @Nullable NetPort port;
    private final @Nullable Network peer;

    private Route(@Nullable NetPort port, @Nullable Network peer) {
        this.port = port;
        this.peer = peer;
    }

    /** Of a port that is in the making; {@link #via} tells it. */
    static Route madeFor(NetPort port) {
        return new Route(port, null);
    }

    /** To a guest, which knows the way on. */
    public static Route via(NetPort port) {
        return port.route();
    }

    /** To whichever guest of another network has the address. */
    public static Route to(Network peer) {
        return new Route(null, peer);
    }

    /** The guest that gets the packet, or null. */
    @Nullable
    NetPort port() {
        return port;
    }

    /** This one, or that of the peer's guest. */
    Route resolve(int address) {
        return peer == null ? this : of(peer.find(address));
    }

    Route resolve(long high, long low) {
        return peer == null ? this : of(peer.find(high, low));
    }

    private static Route of(@Nullable NetPort port) {
        return port == null ? UNREACHABLE : port.route();
    }
}
