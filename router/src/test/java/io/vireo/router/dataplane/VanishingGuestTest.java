package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.Features;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests whose memory vanishes while compiled code moves frames, which tells of it late, harm no
 * other guest of the batch. */
class VanishingGuestTest {
    private static final int ROUNDS = 60;
    private static final int WARMING = 100;
    private static final int RUN = 6;

    @ParameterizedTest
    @EnumSource
    void harmNobodyElse(RingFormat format) throws Exception {
        try (DataPlane plane = DataPlane.subnet(format)) {
            Guest a = plane.guest();
            Guest b = plane.guest();
            Guest c = plane.guest();
            for (int round = 0; round < ROUNDS; round++) {
                Guest hostile = plane.stoppedGuest(plane.network, 20 + round, Guest.MTU);
                hostile.start(Features.NET_MRG_RXBUF);
                List<Guest> order = round % 2 == 0 ? List.of(hostile, b, c) : List.of(b, hostile, c);
                for (int i = 0; i < WARMING; i++) { // the first rounds make the compiler interested
                    send(a, order, i);
                    visit(plane, a);
                    assertTrue(a.isAllTransmitted());
                    order.forEach(guest -> assertEquals(RUN, guest.receive().size()));
                }
                send(a, order, round);
                if (round % 3 == 0) {
                    hostile.loseMemory();
                } else {
                    hostile.loseUsedRing();
                }
                visit(plane, a);
                visit(plane, a);
                assertTrue(a.isAllTransmitted());
                assertTrue(hostile.port.isBroken());
                assertServed(plane, a, b);
                assertServed(plane, a, c);
                plane.guests.remove(hostile);
                hostile.close();
            }
        }
    }

    /** Sends a run to each, for which it has buffers. */
    private static void send(Guest from, List<Guest> to, int number) {
        for (Guest guest : to) {
            guest.post(RUN, 2000);
            for (int i = 0; i < RUN; i++) {
                from.send(Frames.udp(from, guest.ipv4(), 60 + (number * 37 + i) % 1400));
            }
        }
    }

    /** What a reactor does. */
    private static void visit(DataPlane plane, Guest guest) {
        try {
            plane.visit(guest);
        } catch (InternalError e) {
            assertTrue(plane.forwarder.memoryLost(plane.ports()), "whose memory it was is found");
        }
    }

    /** It got its frames, at least once each, and all its buffers go on being used. */
    private static void assertServed(DataPlane plane, Guest from, Guest guest) {
        int frames = guest.receive().size();
        assertTrue(frames >= RUN, frames + " frames");
        guest.post(guest.freeReceiveDescriptors(), 2000);
        visit(plane, guest); // those that came before the batch failed came again, and waited for buffers
        guest.receive();
        guest.post(guest.freeReceiveDescriptors(), 2000);
        for (int sent = 0; sent < GuestDriver.RING_SIZE; sent += 32) {
            byte[] frame = Frames.udp(from, guest.ipv4(), 700);
            for (int i = 0; i < 32; i++) {
                from.send(frame);
            }
            visit(plane, from);
            assertTrue(from.isAllTransmitted());
            List<byte[]> received = guest.receiveFrames();
            assertEquals(32, received.size());
            received.forEach(one -> assertArrayEquals(Frames.forwarded(frame, guest), one));
        }
        assertEquals(GuestDriver.RING_SIZE, guest.freeReceiveDescriptors());
    }
}
