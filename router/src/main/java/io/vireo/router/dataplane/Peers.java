package io.vireo.router.dataplane;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The other reactors that have ports to which this one's guests can send. Confined to this reactor's thread. */
final class Peers {
    /** By reactor number; null for this one, and for those that no frame goes to. */
    private @Nullable PeerReactor[] byNumber = new PeerReactor[1];
    /** The same without gaps. */
    private PeerReactor[] connected = new PeerReactor[0];

    void connect(int reactor, PeerReactor peer) {
        if (reactor >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, reactor + 1);
        }
        byNumber[reactor] = peer;
        connected = Arrays.copyOf(connected, connected.length + 1);
        connected[connected.length - 1] = peer;
    }

    /** Whether every port is this reactor's own. */
    boolean areNone() {
        return connected.length == 0;
    }

    /** Whose the port is, or null if it is this reactor's own. Touches nothing of the port but what is final. */
    @Nullable
    PeerReactor of(NetPort port) {
        int reactor = port.reactor();
        return reactor < byNumber.length ? byNumber[reactor] : null;
    }

    void publish() {
        for (PeerReactor peer : connected) {
            peer.publish();
        }
    }

    void abandon() {
        for (PeerReactor peer : connected) {
            peer.abandon();
        }
    }
}
