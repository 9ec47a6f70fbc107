package io.vireo.vsock.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
    private static final VsockAddress HOST = VsockAddress.host(1234);

    private final ConnectionTable table = new ConnectionTable();

    private static Connection connection(Endpoint endpoint, VsockAddress local, VsockAddress remote) {
        return new Connection(endpoint, local, remote, VsockType.STREAM, 4096, false);
    }

    @Test
    void tellsConnectionsApartByAllFourNumbers() throws Exception {
        try (Side side = Side.device()) {
            Connection one = connection(side.endpoint, HOST, new VsockAddress(33, 40_001));
            table.add(one);

            assertSame(one, table.find(2, 1234, 33, 40_001));
            assertNull(table.find(3, 1234, 33, 40_001));
            assertNull(table.find(2, 1235, 33, 40_001));
            assertNull(table.find(2, 1234, 34, 40_001));
            assertNull(table.find(2, 1234, 33, 40_002));
        }
    }

    @Test
    void countsThoseThatThePeerWasAskedForByWhoAsked() throws Exception {
        try (Side side = Side.device()) {
            List<Connection> asked = new ArrayList<>();
            for (int port = 0; port < 3; port++) {
                VsockAddress local = new VsockAddress(40, port);
                VsockAddress remote = new VsockAddress(33, port);
                asked.add(new Connection(side.endpoint, local, remote, VsockType.STREAM, 4096, true));
                table.add(asked.getLast());
                table.add(connection(side.endpoint, local, new VsockAddress(33, 100 + port)));
            }
            assertEquals(3, table.askedBy(40));
            assertEquals(0, table.askedBy(41));
            for (Connection connection : asked) {
                table.remove(connection);
                table.remove(connection);
            }
            assertEquals(0, table.askedBy(40));
            assertEquals(3, table.count());
        }
    }

    @Test
    void holdsConnectionsOfAnyNumbersUntilTheyAreRemoved() throws Exception {
        try (Side side = Side.device()) {
            Random random = new Random(1);
            List<Connection> all = new ArrayList<>();
            while (!table.isFull()) {
                VsockAddress local = new VsockAddress(2 + random.nextInt(2), random.nextInt(8) * 1024);
                VsockAddress remote = new VsockAddress(-2, all.size() % 128 == 0 ? -1 - all.size() : all.size());
                all.add(connection(side.endpoint, local, remote));
                table.add(all.getLast());
            }
            assertEquals(ConnectionTable.CAPACITY, all.size());
            while (!all.isEmpty()) {
                Connection removed = all.remove(random.nextInt(all.size()));
                table.remove(removed);
                table.remove(removed);
                assertEquals(all.size(), table.count());
                assertNull(find(removed));
                all.forEach(connection -> assertSame(connection, find(connection)));
            }
            assertFalse(table.isFull());
        }
    }

    private @Nullable Connection find(Connection like) {
        return table.find(
                like.local().cid(),
                like.local().port(),
                like.remote().cid(),
                like.remote().port());
    }

    @Test
    void callsForEachWhatMayRemoveIt() throws Exception {
        try (Side side = Side.device()) {
            for (int port = 0; port < 500; port++) {
                table.add(connection(side.endpoint, HOST, new VsockAddress(33, port * 1024)));
            }
            List<Connection> seen = new ArrayList<>();
            table.forEach(connection -> {
                seen.add(connection);
                table.remove(connection);
            });

            assertEquals(500, seen.stream().distinct().count());
            assertTrue(table.count() == 0);
        }
    }
}
