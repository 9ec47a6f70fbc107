package io.vireo.router.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.Features;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlQueueTest {
    private static final long MAC = 0x5254_0012_3401L;
    private static final int PAIRS = 4;
    /** GUEST_CSUM, GUEST_TSO4, GUEST_TSO6, by their numbers in the specification (5.1.3). */
    private static final long OFFLOADS = 1L << 1 | 1L << 7 | 1L << 8;

    private static final long ALL = OFFLOADS
            | Features.VERSION_1
            | Features.NET_CTRL_GUEST_OFFLOADS
            | Features.NET_CTRL_VQ
            | Features.NET_CTRL_RX
            | Features.NET_CTRL_RX_EXTRA
            | Features.NET_GUEST_ANNOUNCE
            | Features.NET_MQ
            | Features.NET_CTRL_MAC_ADDR;

    private static final byte UNTOUCHED = (byte) 0xa5;

    private final ControlQueue control = new ControlQueue(MAC, PAIRS, OFFLOADS);
    private final ControlCommand command = new ControlCommand();
    private Arena arena;
    private MemorySegment status;

    @BeforeEach
    void start() {
        arena = Arena.ofConfined();
        status = arena.allocate(8);
        status.fill(UNTOUCHED);
        control.start(ALL);
    }

    @AfterEach
    void close() {
        arena.close();
    }

    private long put(byte... bytes) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes).address();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static ByteBuffer buffer(int size, int type, int code) {
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) type)
                .put((byte) code);
    }

    private int send(int... values) {
        return send(bytes(values));
    }

    /** Sends a command in one segment. @return its status */
    private int send(byte[] bytes) {
        command.clear();
        command.add(put(bytes), bytes.length, false);
        return finish();
    }

    private int finish() {
        status.fill(UNTOUCHED);
        command.add(status.address(), 1, true);
        assertEquals(1, control.serve(command));
        assertEquals(UNTOUCHED, status.get(ValueLayout.JAVA_BYTE, 1));
        return status.get(ValueLayout.JAVA_BYTE, 0);
    }

    private static byte[] macTable(int unicast, int multicast) {
        byte[] table = new byte[10 + 6 * (unicast + multicast)];
        ByteBuffer fields = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        fields.put((byte) 1).put((byte) 0).putInt(unicast);
        fields.putInt(6 + 6 * unicast, multicast);
        return table;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void acceptsEveryReceiveMode(int mode) {
        assertEquals(0, send(0, mode, 1));
        assertEquals(0, send(0, mode, 0));
    }

    @Test
    void refusesReceiveModesThatWereNotNegotiated() {
        control.start(ALL & ~Features.NET_CTRL_RX_EXTRA);
        assertEquals(0, send(0, 1, 1));
        assertEquals(1, send(0, 2, 1));
        control.start(ALL & ~Features.NET_CTRL_RX);
        assertEquals(1, send(0, 1, 1));
    }

    @Test
    void acceptsItsOwnMacAndNoOther() {
        assertEquals(0, send(1, 1, 0x52, 0x54, 0x00, 0x12, 0x34, 0x01));
        assertEquals(1, send(1, 1, 0x52, 0x54, 0x00, 0x12, 0x34, 0x02));
        control.start(ALL & ~Features.NET_CTRL_MAC_ADDR);
        assertEquals(1, send(1, 1, 0x52, 0x54, 0x00, 0x12, 0x34, 0x01));
    }

    @Test
    void acceptsMacTables() {
        assertEquals(0, send(macTable(0, 0)));
        assertEquals(0, send(macTable(2, 3)));
        assertEquals(0, send(macTable(0, 681)));
    }

    @Test
    void refusesMacTablesThatAreNotAsLongAsTheySay() {
        byte[] table = macTable(2, 3);
        for (int length = 2; length < table.length; length++) {
            assertEquals(1, send(Arrays.copyOf(table, length)), "cut to " + length);
        }
        assertEquals(1, send(Arrays.copyOf(table, table.length + 1)));
        assertEquals(1, send(buffer(10, 1, 0).putInt(-1).array()));
        assertEquals(1, send(buffer(10, 1, 0).putInt(0).putInt(-1).array()));
        assertEquals(1, send(buffer(10, 1, 0).putInt(0x2aaa_aaab).array()), "times six is beyond an int");
    }

    @Test
    void refusesACommandLongerThanWhatIsKept() {
        byte[] table = macTable(0, 682);
        assertTrue(table.length > ControlCommand.MAX_BYTES);
        assertEquals(1, send(table));
        command.clear();
        for (int i = 0; i < 5; i++) {
            command.add(put(table), table.length, false);
        }
        assertEquals(1, finish());
    }

    @Test
    void setsTheActivePairs() {
        assertEquals(1, control.activePairs(), "as the queue starts");
        assertEquals(0, send(4, 0, 4, 0));
        assertEquals(4, control.activePairs());
        assertEquals(0, send(4, 0, 2, 0));
        assertEquals(2, control.activePairs());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5, 0", "1, 1", "255, 255"})
    void refusesPairsThatThereAreNot(int low, int high) {
        assertEquals(0, send(4, 0, 3, 0));
        assertEquals(1, send(4, 0, low, high));
        assertEquals(3, control.activePairs());
    }

    @Test
    void refusesPairsWithoutMultiqueue() {
        control.start(ALL & ~Features.NET_MQ);
        assertEquals(1, send(4, 0, 1, 0));
        assertEquals(1, control.activePairs());
    }

    @Test
    void countsAllPairsAsActiveWhileTheFrontendKeepsTheQueue() {
        ControlQueue kept = new ControlQueue(MAC, PAIRS, OFFLOADS);
        assertEquals(PAIRS, kept.activePairs());
        assertEquals(OFFLOADS, kept.guestOffloads(ALL));
        assertFalse(kept.requestAnnouncement());
        control.reset();
        assertEquals(PAIRS, control.activePairs());
    }

    @Test
    void keepsWhatWasAskedForWhenTheRingGoesOn() {
        assertEquals(0, send(4, 0, 3, 0));
        assertEquals(0, send(5, 0, 2, 0, 0, 0, 0, 0, 0, 0));
        assertTrue(control.requestAnnouncement());
        control.start(ALL);
        assertEquals(3, control.activePairs());
        assertEquals(2, control.guestOffloads(ALL));
        assertTrue(control.isAnnouncePending());
        control.reset();
        control.start(ALL);
        assertEquals(1, control.activePairs());
        assertEquals(OFFLOADS, control.guestOffloads(ALL));
        assertFalse(control.isAnnouncePending());
    }

    @Test
    void switchesTheOffloadsThatWereNegotiated() {
        assertEquals(0, send(5, 0, 0x82, 0, 0, 0, 0, 0, 0, 0));
        assertEquals(0x82, control.guestOffloads(ALL));
        assertEquals(1, send(5, 0, 0, 4, 0, 0, 0, 0, 0, 0), "UFO is not offered");
        assertEquals(1, send(5, 0, 0, 0, 0, 0, 0, 0, 0, 0x80));
        assertEquals(1, send(5, 0, 0x20, 0, 0, 0, 0, 0, 0, 0), "a feature, but no offload");
        assertEquals(0x82, control.guestOffloads(ALL));
        assertEquals(0, send(5, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertEquals(0, control.guestOffloads(ALL));
        control.start(ALL & ~(1L << 8));
        assertEquals(1, send(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
        control.start(ALL & ~Features.NET_CTRL_GUEST_OFFLOADS);
        assertEquals(1, send(5, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void owesAnAnnouncementUntilItIsAcknowledged() {
        assertTrue(control.requestAnnouncement());
        assertEquals(1, send(3, 0, 0));
        assertTrue(control.isAnnouncePending());
        assertEquals(0, send(3, 0));
        assertFalse(control.isAnnouncePending());
        control.start(ALL & ~Features.NET_GUEST_ANNOUNCE);
        assertFalse(control.requestAnnouncement());
        assertEquals(1, send(3, 0));
    }

    @ParameterizedTest
    @CsvSource({"0, 6", "1, 2", "2, 0", "2, 1", "3, 1", "4, 1", "4, 2", "5, 1", "6, 0", "7, 0", "255, 255"})
    void answersWhatItDoesNotKnowWithAnError(int type, int code) {
        for (int data : new int[] {0, 1, 2, 6, 8, 100}) {
            assertEquals(1, send(buffer(2 + data, type, code).array()));
        }
    }

    @Test
    void refusesCommandsOfAnyOtherLength() {
        int[][] commands = {
            {0, 0, 1}, {1, 1, 0x52, 0x54, 0, 0x12, 0x34, 1}, {3, 0}, {4, 0, 2, 0}, {5, 0, 0, 0, 0, 0, 0, 0, 0, 0}
        };
        for (int[] whole : commands) {
            assertEquals(0, send(whole));
            for (int length = 0; length < whole.length; length++) {
                assertEquals(1, send(Arrays.copyOf(whole, length)));
            }
            assertEquals(1, send(Arrays.copyOf(whole, whole.length + 1)));
        }
    }

    @Test
    void acceptsACommandCutAnywhere() {
        byte[] whole = macTable(1, 1);
        for (int cut = 0; cut <= whole.length; cut++) {
            command.clear();
            command.add(put(Arrays.copyOf(whole, cut)), cut, false);
            command.add(put(Arrays.copyOfRange(whole, cut, whole.length)), whole.length - cut, false);
            assertEquals(0, finish());
        }
        command.clear();
        for (int value : new int[] {4, 0, 3, 0}) {
            command.add(put((byte) value), 1, false);
        }
        assertEquals(0, finish());
        assertEquals(3, control.activePairs());
    }

    @Test
    void putsTheStatusIntoTheFirstWritableByte() {
        command.clear();
        command.add(put(bytes(4, 0, 3, 0)), 4, false);
        command.add(status.address() + 4, 0, true);
        command.add(status.address() + 1, 2, true);
        command.add(status.address() + 6, 1, true);
        assertEquals(1, control.serve(command));
        for (int i = 0; i < 8; i++) {
            assertEquals(i == 1 ? 0 : UNTOUCHED, status.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
        }
    }

    @Test
    void doesNothingThatItCannotAnswer() {
        command.clear();
        command.add(put(bytes(4, 0, 3, 0)), 4, false);
        command.add(status.address(), 0, true);
        assertEquals(0, control.serve(command));
        assertEquals(1, control.activePairs());
        assertEquals(1, control.refused());
        command.clear();
        assertEquals(0, control.serve(command), "a chain of nothing");
    }

    @Test
    void survivesWhateverADriverSends() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(32)];
            random.nextBytes(noise);
            for (int known = 0; known < Math.min(2, noise.length); known++) {
                noise[known] = (byte) random.nextInt(7);
            }
            int result = send(noise);
            assertTrue(result == 0 || result == 1);
            assertTrue(control.activePairs() >= 1 && control.activePairs() <= PAIRS);
            assertEquals(0, control.guestOffloads(ALL) & ~OFFLOADS);
        }
    }
}
