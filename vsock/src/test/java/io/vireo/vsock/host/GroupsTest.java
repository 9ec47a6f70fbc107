package io.vireo.vsock.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.device.RingGuest;
import io.vireo.vsock.device.Rings;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.VsockCounter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupsTest {
    private static final int CALLER = 33;
    private static final int CALLED = 34;
    private static final int STRANGER = 35;
    private static final int NEIGHBOUR = 36;
    private static final int FLOOD = 200;

    private final Groups groups = new Groups();
    private VsockDevice caller;
    private VsockDevice called;

    @BeforeEach
    void start() throws Exception {
        caller = new VsockDevice("caller", CALLER, this::requested);
        called = new VsockDevice("called", CALLED, Connection::refuse);
        groups.add(guest(CALLER, Optional.of("lab")), caller);
        groups.add(guest(CALLED, Optional.of("lab")), called);
        groups.add(guest(STRANGER, Optional.empty()), called);
    }

    private void requested(Connection incoming) {
        groups.connect(caller, incoming);
    }

    @AfterEach
    void end() {
        caller.close();
        called.close();
    }

    private static VsockGuest guest(int cid, Optional<String> group) {
        return new VsockGuest(
                "vm" + cid, cid, VhostUserSocket.server(Path.of("/run/vm.sock")), Optional.empty(), group);
    }

    private static byte[] request(int cid, int port) {
        return request(CALLER, cid, port);
    }

    private static byte[] request(int from, int cid, int port) {
        return ByteBuffer.allocate(VsockHeader.SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(from)
                .putLong(cid)
                .putInt(port)
                .putInt(1234)
                .putInt(0)
                .putShort((short) 1)
                .putShort((short) VsockHeader.REQUEST)
                .putInt(0)
                .putInt(65_536)
                .array();
    }

    private static int field(byte[] packet, int offset) {
        return ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
    }

    @Test
    void joinsTwoOfAGroupAndNobodyElse() throws Exception {
        try (RingGuest one = new RingGuest(Rings.SPLIT);
                RingGuest other = new RingGuest(Rings.PACKED)) {
            one.serve(caller);
            other.serve(called);
            one.send(request(CALLED, 7));
            byte[] asked = other.receive();
            assertEquals(CALLER, field(asked, 0));
            assertEquals(CALLED, field(asked, 8));
            assertEquals(7, field(asked, 16));
            assertEquals(1234, field(asked, 20));
            for (int cid : new int[] {STRANGER, CALLER, 77, VsockAddress.HOST}) {
                one.send(request(cid, 8));
                byte[] answer = one.receive();
                assertEquals(VsockHeader.RST, field(answer, 28) >>> 16);
                assertEquals(cid, field(answer, 0));
            }
        }
    }

    @Test
    void letsAGuestWaitForSoManyAtATime() throws Exception {
        try (RingGuest one = new RingGuest(Rings.SPLIT);
                RingGuest other = new RingGuest(Rings.SPLIT)) {
            one.serve(caller);
            other.start(called); // without buffers: it never answers
            for (int port = 0; port < FLOOD; port++) {
                one.send(request(CALLED, port));
            }
            for (int port = Groups.MOST_ASKED; port < FLOOD; port++) {
                byte[] answer = one.receive();
                assertEquals(VsockHeader.RST, field(answer, 28) >>> 16);
                assertEquals(port, field(answer, 20));
            }
            assertEquals(Groups.MOST_ASKED, called.connections());
            assertEquals(FLOOD, caller.counters().getOrDefault(VsockCounter.REQUESTED, 0L));
        }
    }

    @Test
    void leavesEachOfAGroupItsShareOfAnothersConnections() throws Exception {
        int members = 25; // beside the caller and the called
        int share = Groups.FOR_THE_GROUP / (members + 1);
        int asked = Groups.MOST_ASKED; // at a time: beyond these it is refused before the other is asked
        VsockDevice[] its = new VsockDevice[1];
        VsockDevice neighbour = new VsockDevice("neighbour", NEIGHBOUR, incoming -> groups.connect(its[0], incoming));
        its[0] = neighbour;
        for (int i = 0; i < members; i++) {
            groups.add(guest(NEIGHBOUR + i, Optional.of("lab")), neighbour);
        }
        try (neighbour;
                RingGuest one = new RingGuest(Rings.SPLIT);
                RingGuest two = new RingGuest(Rings.SPLIT);
                RingGuest other = new RingGuest(Rings.SPLIT)) {
            one.serve(caller);
            two.serve(neighbour);
            other.start(called); // without buffers: it never answers
            for (int port = 0; port < asked; port++) {
                one.send(request(CALLED, port));
            }
            for (int port = share; port < asked; port++) {
                assertEquals(port, field(one.receive(), 20), "all beyond the share are refused");
            }
            assertEquals(share, called.connections());
            two.send(request(NEIGHBOUR, CALLED, 1));
            RingGuest.await(() -> called.connections() == share + 1);
            assertEquals(asked - share, called.counters().getOrDefault(VsockCounter.REFUSED_SHARE, 0L));
        }
    }
}
