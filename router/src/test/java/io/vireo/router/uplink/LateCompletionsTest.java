package io.vireo.router.uplink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Errno;
import io.vireo.linux.LinuxException;
import io.vireo.linux.PacketSockets;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A kernel that does not keep the promise not to wait: requests are made without asking it to. */
@Timeout(20)
class LateCompletionsTest {
    private static final int MAY_WAIT = 0;
    private static final int LENGTH = 8_000;

    private final PacketSockets sockets;
    private final UplinkQueue queue;
    private final Arena arena = Arena.ofConfined();
    private final long packet = arena.allocate(LENGTH).address();

    LateCompletionsTest() throws LinuxException {
        sockets = new PacketSockets();
        queue = new UringQueue(sockets.device(), true, MAY_WAIT);
    }

    @BeforeEach
    void start() {
        queue.start();
    }

    @AfterEach
    void close() {
        queue.close();
        sockets.close();
        arena.close();
    }

    @Test
    void packetsThatWouldWaitAreTakenBackAndMayBeTriedAgain() throws Exception {
        int taken = 0;
        for (int i = 0; i < 2 * UplinkQueue.BATCH; i++) {
            queue.add(new long[] {packet, packet + 12}, new int[] {12, LENGTH - 12}, 2);
            queue.add(new long[] {packet}, new int[] {LENGTH}, 1);
            queue.flush();
            for (int k = 0; k < 2; k++) {
                int result = queue.result(k);
                assertTrue(result == UplinkQueue.TAKEN || result == Errno.EAGAIN, "errno " + result);
                taken += result == UplinkQueue.TAKEN ? 1 : 0;
            }
        }
        assertTrue(taken < 4 * UplinkQueue.BATCH, "the socket was full");
        int received = 0;
        while (receives()) {
            received++;
        }
        assertEquals(taken, received, "what was taken back was not sent later");
        queue.add(new long[] {packet}, new int[] {LENGTH}, 1);
        queue.flush();
        assertEquals(UplinkQueue.TAKEN, queue.result(0));
        assertTrue(receives());
    }

    @Test
    void readsThatWouldWaitAreTakenBackAndTakeNothingAway() throws Exception {
        for (int i = 0; i < 100; i++) {
            assertEquals(0, queue.read());
            sockets.send(new byte[] {(byte) i});
            assertTrue(queue.mayHavePackets());
            assertEquals(1, queue.read());
            assertEquals(1, queue.length(0));
        }
        assertEquals(0, queue.failure());
    }

    private boolean receives() throws LinuxException {
        try {
            return sockets.receive().length == LENGTH;
        } catch (LinuxException e) {
            assertEquals(Errno.EAGAIN, e.errno());
            return false;
        }
    }
}
