package io.vireo.vsock.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A device's endpoint and a guest's, each the other's peer: whatever one says, the other understands, and neither waits for ever. */
class BackToBackTest {
    private static final int SMALL = 4096;

    private Side device;
    private Side guest;
    private int packets;

    /** One end's pipes, as who uses them sees them, and how far that has come. */
    private static final class User {
        final Pipe in;
        private final boolean messages;
        final Pipe out;
        final Random random;
        long written;
        long read;
        boolean wrong;

        User(int capacity, VsockType type, long seed) {
            messages = type == VsockType.SEQPACKET;
            in = new Pipe(capacity, messages);
            out = new Pipe(capacity, messages);
            random = new Random(seed);
        }

        void write(long most) {
            int length = (int) Math.min(out.room(), most - written);
            if (length > 0) {
                length = 1 + random.nextInt(length);
                byte[] bytes = new byte[length];
                for (int i = 0; i < length; i++) {
                    bytes[i] = (byte) ((written + i) * 7);
                }
                out.stage(bytes, 0, length);
                out.commit(1);
                written += length;
            }
        }

        /** Some bytes, or all messages that are whole. */
        void read() {
            boolean more = true;
            while (more) {
                long before = read;
                readOnce();
                more = messages && read > before;
            }
        }

        private void readOnce() {
            int length = messages ? in.messageLength(in.capacity()) : in.available();
            if (length > 0 && !messages) {
                length = 1 + random.nextInt(length);
            }
            byte[] bytes = new byte[length];
            in.copyTo(0, bytes, 0, length);
            in.consume(length);
            for (int i = 0; i < length; i++) {
                wrong |= bytes[i] != (byte) ((read + i) * 7);
            }
            read += length;
        }
    }

    @BeforeEach
    void start() throws Exception {
        device = Side.device();
        guest = Side.guest();
    }

    @AfterEach
    void end() {
        device.close();
        guest.close();
    }

    /** Delivers until neither has anything to say. */
    private void talk() {
        boolean said = true;
        int rounds = 0;
        while (said) {
            List<Packet> toGuest = device.sent();
            guest.receive(toGuest.toArray(Packet[]::new));
            List<Packet> toHost = guest.sent();
            device.receive(toHost.toArray(Packet[]::new));
            packets += toGuest.size() + toHost.size();
            said = !toGuest.isEmpty() || !toHost.isEmpty();
            assertTrue(rounds++ < 1000, "they never stop talking");
        }
    }

    private void connect(VsockType type, User host, User client) {
        List<VsockError> refused = new ArrayList<>();
        guest.on(() -> guest.endpoint.connect(
                new VsockAddress(Packet.GUEST, Packet.GUEST_PORT),
                VsockAddress.host(Packet.HOST_PORT),
                type,
                client.in,
                client.out,
                Duration.ofSeconds(2),
                new ConnectListener() {
                    @Override
                    public void established(Connection connection) {}

                    @Override
                    public void refused(VsockError reason) {
                        refused.add(reason);
                    }
                }));
        talk();
        device.on(() -> device.requests.removeFirst().accept(host.in, host.out));
        talk();
        assertEquals(List.of(), refused);
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM, 1, 65536",
        "STREAM, 2, 4052",
        "STREAM, 3, 100",
        "SEQPACKET, 4, 65536",
        "SEQPACKET, 5, 4052",
        "SEQPACKET, 6, 100"
    })
    void moveEverythingBothWays(VsockType type, long seed, int room) {
        device.room = room;
        guest.room = room;
        User host = new User(SMALL, type, seed);
        User client = new User(SMALL, type, -seed);
        connect(type, host, client);
        long all = 300_000;
        for (int round = 0; host.read < all || client.read < all; round++) {
            assertTrue(round < 10_000, "stuck at " + host.read + " and " + client.read);
            host.write(all);
            client.write(all);
            if (round % 3 != 0) {
                talk();
            }
            host.read();
            if (round % 5 != 0) { // one is slower
                client.read();
            }
        }
        talk();
        assertFalse(host.wrong || client.wrong);
        assertTrue(packets < 4 * all / Math.min(room, 100), packets + " packets");
        close(host, client);
    }

    private void close(User host, User client) {
        client.out.end();
        talk();
        assertTrue(host.in.isDrained());
        host.out.end();
        host.in.abandon();
        talk();
        assertTrue(client.in.isDrained());
        assertEquals(0, device.connections());
        assertEquals(0, guest.connections());
    }

    @ParameterizedTest
    @EnumSource(VsockType.class)
    void bothFullAreFreedByEitherReader(VsockType type) {
        User host = new User(SMALL, type, 1);
        User client = new User(SMALL, type, 2);
        connect(type, host, client);
        for (int i = 0; i < 200; i++) { // neither reads
            host.write(Long.MAX_VALUE);
            client.write(Long.MAX_VALUE);
            talk();
        }
        assertEquals(2 * SMALL, host.written, "its own pipe, and the other one's");
        assertEquals(2 * SMALL, client.written);
        int before = packets;
        talk();
        assertEquals(before, packets, "there is nothing to say");
        while (client.read < host.written) {
            long read = client.read;
            client.read();
            talk();
            assertTrue(client.read > read, "stuck at " + read);
        }
        assertFalse(client.wrong);
    }

    @ParameterizedTest
    @EnumSource(VsockType.class)
    void aResetOfOneIsAResetOfTheOther(VsockType type) {
        User host = new User(SMALL, type, 1);
        User client = new User(SMALL, type, 2);
        connect(type, host, client);
        host.in.reset();
        host.out.reset();
        talk();

        assertTrue(client.in.isReset());
        assertTrue(client.out.isReset());
        assertEquals(0, device.connections());
        assertEquals(0, guest.connections());
    }
}
