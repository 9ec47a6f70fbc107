package io.vireo.vsock.endpoint;

import io.vireo.vsock.VsockAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An endpoint's connections, by both addresses. Of a fixed size, with the links in the connections themselves. */
final class ConnectionTable {
    /** The most that a peer can have. */
    static final int CAPACITY = 1024;

    private final @Nullable Connection[] buckets = new Connection[CAPACITY];
    private int count;
    /** Of those that the peer was asked for, by who asked. */
    private final Map<Integer, Integer> askedBy = new HashMap<>();

    int count() {
        return count;
    }

    /** How many of them a context has asked the peer for. */
    int askedBy(int cid) {
        return askedBy.getOrDefault(cid, 0);
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    @Nullable
    Connection find(int localCid, int localPort, int remoteCid, int remotePort) {
        Connection connection = buckets[bucket(localPort, remotePort)];
        while (connection != null && !is(connection, localCid, localPort, remoteCid, remotePort)) {
            connection = connection.nextInBucket;
        }
        return connection;
    }

    private static boolean is(Connection connection, int localCid, int localPort, int remoteCid, int remotePort) {
        VsockAddress local = connection.local();
        VsockAddress remote = connection.remote();
        return local.port() == localPort
                && remote.port() == remotePort
                && local.cid() == localCid
                && remote.cid() == remoteCid;
    }

    void add(Connection connection) {
        int bucket = bucket(connection);
        connection.nextInBucket = buckets[bucket];
        buckets[bucket] = connection;
        count++;
        if (connection.isAskedFor()) {
            askedBy.merge(connection.local().cid(), 1, Integer::sum);
        }
    }

    void remove(Connection connection) {
        int bucket = bucket(connection);
        Connection before = null;
        Connection at = buckets[bucket];
        while (at != null && at != connection) {
            before = at;
            at = at.nextInBucket;
        }
        if (at == null) {
            return;
        }
        if (before == null) {
            buckets[bucket] = connection.nextInBucket;
        } else {
            before.nextInBucket = connection.nextInBucket;
        }
        connection.nextInBucket = null;
        count--;
        if (connection.isAskedFor()) {
            askedBy.computeIfPresent(connection.local().cid(), (cid, number) -> number == 1 ? null : number - 1);
        }
    }

    /** Calls for each; what is called may remove the connection it is called with. */
    void forEach(Consumer<Connection> action) {
        for (Connection first : buckets) {
            Connection connection = first;
            while (connection != null) {
                Connection next = connection.nextInBucket;
                action.accept(connection);
                connection = next;
            }
        }
    }

    private static int bucket(Connection connection) {
        return bucket(connection.local().port(), connection.remote().port());
    }

    private static int bucket(int localPort, int remotePort) {
        int mixed = (localPort * 31 + remotePort) * 0x9e37_79b9;
        return mixed >>> (Integer.SIZE - Integer.numberOfTrailingZeros(CAPACITY));
    }
}
