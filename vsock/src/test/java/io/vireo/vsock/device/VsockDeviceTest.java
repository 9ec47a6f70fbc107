package io.vireo.vsock.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.endpoint.Connection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The device as a whole, when something of our own goes wrong. */
class VsockDeviceTest {
    private static final int OP_OFFSET = 30;

    private final AtomicInteger requests = new AtomicInteger();

    private static byte[] request() {
        return ByteBuffer.allocate(VsockHeader.SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(RingGuest.CID)
                .putLong(VsockAddress.HOST)
                .putInt(1)
                .putInt(2)
                .putInt(0)
                .putShort((short) 1)
                .putShort((short) VsockHeader.REQUEST)
                .putInt(0)
                .putInt(65_536)
                .array();
    }

    private void failOnce(Connection incoming) {
        if (requests.incrementAndGet() == 1) {
            throw new OutOfMemoryError("for a test");
        }
        incoming.refuse();
    }

    @Test
    void lackOfMemoryCostsAGuestItsDeviceUntilItsFrontendStartsItAgain() throws Exception {
        try (VsockDevice device = new VsockDevice("vm1", RingGuest.CID, this::failOnce)) {
            try (RingGuest guest = new RingGuest(Rings.SPLIT)) {
                guest.serve(device);
                guest.send(request());
                RingGuest.await(() -> requests.get() == 1 && device.connections() == 0);
                guest.stop(device);
            }
            try (RingGuest guest = new RingGuest(Rings.SPLIT)) {
                guest.serve(device);
                guest.send(request());
                byte[] answer = guest.receive();
                assertEquals(VsockHeader.RST, answer[OP_OFFSET]);
                guest.stop(device);
            }
        }
    }

    @Test
    void canBeClosedTwice() throws Exception {
        VsockDevice device = new VsockDevice("vm1", RingGuest.CID, Connection::refuse);
        device.close();
        device.close();
        assertThrows(RejectedExecutionException.class, device::connections);
    }
}
