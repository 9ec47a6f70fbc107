package io.vireo.vsock.device;

import static io.vireo.vsock.device.DevicePort.EVENTS;
import static io.vireo.vsock.device.DevicePort.RX;
import static io.vireo.vsock.device.DevicePort.TX;
import static io.vireo.vsock.device.RingGuest.BUFFER;
import static io.vireo.vsock.device.RingGuest.CID;
import static io.vireo.vsock.device.RingGuest.RING_SIZE;
import static io.vireo.vsock.device.RingGuest.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DevicePortTest {
    private static final int ECHO = 7;
    private static final int PORT = 40_001;

    private VsockDevice device;

    @BeforeEach
    void start() throws Exception {
        device = new VsockDevice("vm1", CID, DevicePortTest::requested);
    }

    @AfterEach
    void end() {
        device.close();
    }

    private static void requested(Connection incoming) {
        if (incoming.local().port() != ECHO) {
            incoming.refuse();
            return;
        }
        VsockStream stream = incoming.accept();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                stream.input().transferTo(stream.output());
            } catch (IOException e) {
                stream.abort();
            }
        });
    }

    private static byte[] packet(int op, int port, int credit, int forwarded, byte... payload) {
        return ByteBuffer.allocate(VsockHeader.SIZE + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(CID)
                .putLong(2)
                .putInt(PORT)
                .putInt(port)
                .putInt(payload.length)
                .putShort((short) 1)
                .putShort((short) op)
                .putInt(0)
                .putInt(credit)
                .putInt(forwarded)
                .put(payload)
                .array();
    }

    private static byte[] packet(int op, int port) {
        return packet(op, port, 262_144, 0);
    }

    private static int op(byte[] packet) {
        return ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).getShort(30);
    }

    private static int sourcePort(byte[] packet) {
        return ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
    }

    private long count(VsockCounter counter) {
        return device.counters().getOrDefault(counter, 0L);
    }

    @ParameterizedTest
    @EnumSource
    void missesNothingAwakeOrAsleep(Rings kind) throws Exception {
        try (RingGuest guest = new RingGuest(kind)) {
            guest.start(device);
            guest.post(RX, RING_SIZE, BUFFER);
            guest.send(packet(VsockHeader.REQUEST, ECHO));
            assertEquals(VsockHeader.RESPONSE, op(guest.receive()));
            Random random = new Random(1);
            int forwarded = 0;
            for (int round = 0; round < 300; round++) {
                if (round % 2 == 0) {
                    await(guest::isKickWanted);
                }
                byte[] bytes = new byte[1 + random.nextInt(3000)];
                random.nextBytes(bytes);
                guest.send(packet(VsockHeader.RW, ECHO, 262_144, forwarded, bytes));
                byte[] echoed = receiveData(guest, bytes.length);
                assertArrayEquals(bytes, echoed);
                forwarded += bytes.length;
            }
            assertTrue(guest.kicked >= 150, "it slept");
        }
    }

    private static byte[] receiveData(RingGuest guest, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            byte[] packet = guest.receive();
            if (op(packet) == VsockHeader.RW) {
                bytes.put(packet, VsockHeader.SIZE, packet.length - VsockHeader.SIZE);
            }
        }
        return bytes.array();
    }

    @ParameterizedTest
    @EnumSource
    void takesHeadersInAnyPieces(Rings kind) throws Exception {
        try (RingGuest guest = new RingGuest(kind)) {
            guest.start(device);
            guest.post(RX, RING_SIZE, BUFFER);
            guest.send(
                    packet(VsockHeader.REQUEST, ECHO),
                    IntStream.range(0, 43).map(i -> 1).toArray());
            assertEquals(VsockHeader.RESPONSE, op(guest.receive()));
            guest.send(packet(VsockHeader.RW, ECHO, 262_144, 0, new byte[] {1, 2, 3, 4, 5}), 40, 6, 1);
            assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, receiveData(guest, 5));
            for (int length = 1; length < VsockHeader.SIZE; length++) {
                guest.send(Arrays.copyOf(packet(VsockHeader.RW, ECHO), length));
            }
            await(() -> count(VsockCounter.DROP_SHORT) == VsockHeader.SIZE - 1);
            assertEquals(1, device.connections());
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersWhenTheGuestPostsBuffersAtLast(Rings kind) throws Exception {
        int packets = 120;
        try (RingGuest guest = new RingGuest(kind)) {
            guest.start(device);
            int sent = 0;
            while (sent
                    < RING_SIZE + 1) { // as many as there is room for answers to, and one ring of others behind them
                guest.send(packet(VsockHeader.RW, 1000 + sent++));
            }
            for (int answered = 0; answered < packets; answered++) {
                guest.post(RX, 1, BUFFER);
                byte[] answer = guest.take(RX);
                assertEquals(VsockHeader.RST, op(answer));
                assertEquals(1000 + answered, sourcePort(answer));
                if (sent < packets) {
                    guest.send(packet(VsockHeader.RW, 1000 + sent++));
                }
                if (answered % 4 == 0) {
                    device.counters(); // so that it is not always awake for the same reason
                }
            }
            await(() -> guest.unsent() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesBuffersBackThatAreOfNoUse(Rings kind) throws Exception {
        try (RingGuest guest = new RingGuest(kind)) {
            guest.start(device);
            guest.post(RX, 40, VsockHeader.SIZE);
            guest.post(RX, 2, VsockHeader.SIZE - 1);
            guest.post(RX, 1, VsockHeader.SIZE + 1);
            guest.send(packet(VsockHeader.RW, 1000));

            for (int i = 0; i < 42; i++) {
                assertEquals(0, guest.take(RX).length);
            }
            assertEquals(VsockHeader.RST, op(guest.take(RX)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsNoBufferThatItDidNotFill(Rings kind) throws Exception {
        try (RingGuest guest = new RingGuest(kind)) {
            guest.start(device);
            guest.post(RX, 10, BUFFER);
            for (int i = 0; i < 3; i++) {
                guest.send(packet(VsockHeader.RW, 1000 + i));
                assertEquals(1000 + i, sourcePort(guest.take(RX)));
            }
            assertEquals(3, guest.stop(device, RX));
            assertEquals(3, guest.stop(device, TX));
            guest.start(device, RX);
            guest.start(device, TX);
            for (int i = 3; i < 10; i++) {
                guest.send(packet(VsockHeader.RW, 1000 + i));
                assertEquals(1000 + i, sourcePort(guest.take(RX)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsAGuestWhoseConnectionsAreLostAndNoOther(Rings kind) throws Exception {
        try (RingGuest guest = new RingGuest(kind)) {
            guest.post(EVENTS, 2, 8);
            guest.post(RX, 10, BUFFER);
            guest.start(device);
            guest.send(packet(VsockHeader.REQUEST, ECHO));
            assertEquals(VsockHeader.RESPONSE, op(guest.receive()));
            guest.stop(device);
            guest.start(device);
            assertEquals(1, device.connections(), "a pause loses nothing");
            assertFalse(guest.hasReceived(EVENTS));

            guest.stop(device);
            device.reset();
            guest.start(device);

            assertArrayEquals(new byte[Integer.BYTES], guest.take(EVENTS));
            assertFalse(guest.hasReceived(EVENTS));
            assertEquals(0, device.connections());
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesTheLossOfMemory(Rings kind) throws Exception {
        for (int round = 0; round < 20; round++) {
            try (RingGuest guest = new RingGuest(kind)) {
                guest.start(device);
                guest.post(RX, RING_SIZE, BUFFER);
                guest.send(packet(VsockHeader.REQUEST, ECHO));
                assertEquals(VsockHeader.RESPONSE, op(guest.receive()));
                guest.send(packet(VsockHeader.RW, ECHO, 262_144, 0, new byte[3000]));
                guest.send(packet(VsockHeader.RW, ECHO, 262_144, 0, new byte[3000]));
                guest.loseMemory();
                assertThrows(IOException.class, () -> device.connect(1, VsockType.STREAM, Duration.ofMillis(100)));
                await(() -> device.connections() == 0);
                assertTrue(guest.error.drain() > 0, "its frontend is told");
                guest.stop(device);
                device.reset();
            }
        }
    }

    @Test
    void tellsWhoConnectsToAGuestThatIsNotThere() throws Exception {
        assertEquals(
                VsockError.ENODEV,
                assertThrows(VsockException.class, () -> device.connect(1, VsockType.STREAM, Duration.ofSeconds(9)))
                        .error());
        VsockDevice gone = new VsockDevice("vm2", CID, DevicePortTest::requested);
        gone.close();
        assertEquals(
                VsockError.ENODEV,
                assertThrows(VsockException.class, () -> gone.connect(1, VsockType.STREAM, Duration.ofSeconds(9)))
                        .error());
    }

    @Test
    void connectsToTheGuest() throws Exception {
        try (RingGuest guest = new RingGuest(Rings.SPLIT)) {
            guest.start(device);
            guest.post(RX, RING_SIZE, BUFFER);
            Thread.ofVirtual().start(() -> {
                byte[] request = guest.receive();
                ByteBuffer fields = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
                byte[] response = packet(VsockHeader.RESPONSE, fields.getInt(16));
                ByteBuffer.wrap(response).order(ByteOrder.LITTLE_ENDIAN).putInt(16, fields.getInt(20));
                guest.send(response);
            });
            try (VsockStream stream = device.connect(52, VsockType.STREAM, Duration.ofSeconds(20))) {
                assertEquals(52, stream.remote().port());
            }
        }
    }

    @Test
    void saysItsGuestsContext() {
        assertArrayEquals(new byte[] {33, 0, 0, 0, 0, 0, 0, 0}, device.config());
    }
}
