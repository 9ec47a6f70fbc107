package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.virtqueue.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The express lane against the classifier: what it decides the other would, and leaves the same bytes in the slot. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class ExpressLaneTest {
    private static final int FRAMES = 200_000;
    private static final int LONGEST = 1514;
    private static final int HEADERS = 34;
    private static final int TOTAL_LENGTH = 16;
    private static final int IDENTIFICATION = 18;
    private static final int FRAGMENT = 20;
    private static final int SLOT = VirtioNetHeader.SIZE + FrameBatch.HEADER_BYTES;

    private final SplittableRandom random = new SplittableRandom(11);
    private final boolean routed;
    private DataPlane plane;
    private Guest source;
    private Guest target;
    private Classifier classifier;
    private FrameBatch express;
    private FrameBatch reference;
    private SharedMemory memory;
    private int[] destinations;

    ExpressLaneTest(boolean routed) {
        this.routed = routed;
    }

    @BeforeEach
    void start() throws Exception {
        plane = new DataPlane(routed);
        Network network = plane.network;
        source = plane.stoppedGuest(network);
        target = plane.stoppedGuest(network);
        Guest smaller = plane.stoppedGuest(network, 20, 576);
        Guest larger = plane.stoppedGuest(network, 21, 9000);
        Guest wide = Guest.withPairs(network, DataPlane.PREFIX, 22, 4);
        plane.guests.add(wide);
        memory = SharedMemory.allocate("frames", 4 * FrameBatch.MEMORY_SIZE, false);
        express = new FrameBatch(memory.address());
        reference = new FrameBatch(memory.address() + FrameBatch.MEMORY_SIZE);
        classifier = new Classifier(reference, plane.slowPath, new SoftwareOffload(), Uplink.none(), () -> 0);
        destinations = new int[] {
            target.ipv4(),
            target.ipv4(),
            target.ipv4(),
            smaller.ipv4(),
            larger.ipv4(),
            wide.ipv4(),
            source.ipv4(),
            DataPlane.GATEWAY,
            Gateway.GATEWAY_IPV4_LINK_LOCAL,
            DataPlane.PREFIX + 99,
            DataPlane.PREFIX + 255,
            0xe000_0001,
            -1,
            0
        };
    }

    @AfterEach
    void close() {
        memory.close();
        plane.close();
    }

    @Test
    void decidesAsTheClassifierWouldOrLeavesTheFrameAlone() {
        int decided = 0;
        int declined = 0;
        for (int i = 0; i < FRAMES; i++) {
            if (judge(packet()) != null) {
                decided++;
            } else {
                declined++;
            }
        }
        assertTrue(decided > FRAMES / 10 && declined > FRAMES / 10, decided + " decided, " + declined + " declined");
    }

    @Test
    void takesEveryChecksumThatIsRight() {
        for (int checksum = 0; checksum <= 0xffff; checksum++) {
            byte[] frame = common(60);
            withChecksum(frame, checksum);
            assertSame(target.port, judge(Guest.withHeader(frame)), "checksum " + Integer.toHexString(checksum));
        }
    }

    @Test
    void takesNoOtherChecksum() {
        byte[] frame = common(60);
        int right = ByteBuffer.wrap(frame).getShort(Frames.IP_CHECKSUM) & 0xffff;
        for (int checksum = 0; checksum <= 0xffff; checksum++) {
            ByteBuffer.wrap(frame).putShort(Frames.IP_CHECKSUM, (short) checksum);
            assertEquals(checksum == right, judge(Guest.withHeader(frame)) != null, "checksum " + checksum);
        }
    }

    /** Fields of ones alone make the sum carry more than once. */
    @Test
    void sumsHeadersOfOnes() {
        for (int timeToLive = 0; timeToLive <= 255; timeToLive++) {
            byte[] frame = common(LONGEST);
            frame[15] = -1;
            ByteBuffer.wrap(frame).putInt(IDENTIFICATION, -1);
            frame[Frames.IP_TTL] = (byte) timeToLive;
            frame[Frames.IP_TTL + 1] = -1;
            boolean alive = !routed || timeToLive > 1;
            assertEquals(alive, judge(Guest.withHeader(Frames.sealed(frame))) != null, "TTL " + timeToLive);
        }
    }

    @Test
    void leavesTheRemainingToTheClassifier() {
        byte[] options = common(100);
        options[14] = 0x46;
        byte[] longer = common(100);
        ByteBuffer.wrap(longer).putShort(TOTAL_LENGTH, (short) 87);
        byte[] shorter = common(100);
        ByteBuffer.wrap(shorter).putShort(TOTAL_LENGTH, (short) 19);
        for (byte[] frame : List.of(options, longer, shorter)) {
            assertNull(judge(Guest.withHeader(Frames.sealed(frame))));
        }
        for (int i = 5; i < destinations.length; i++) {
            if (destinations[i] != source.ipv4()) {
                assertNull(judge(Guest.withHeader(Frames.udp(source, destinations[i], 100))));
            }
        }
    }

    private byte[] common(int length) {
        return Frames.sealed(Frames.udp(source, target.ipv4(), length));
    }

    /** Sets a checksum, and the identification so that it is right. */
    private static void withChecksum(byte[] frame, int checksum) {
        ByteBuffer header = ByteBuffer.wrap(frame);
        header.putShort(Frames.IP_CHECKSUM, (short) checksum).putShort(IDENTIFICATION, (short) 0);
        header.putShort(IDENTIFICATION, (short) ~Frames.sum(frame));
    }

    /** Has both decide upon a frame. @return what the express lane decided */
    private @Nullable NetPort judge(byte[] packet) {
        fill(express, packet);
        fill(reference, packet);
        byte[] before = slot(express, SLOT);
        int visible = express.visible[0];
        NetPort found = visible < HEADERS ? null : ExpressLane.find(source.port, express.slot(0), express.length[0]);
        NetPort expected = classifier.classify(source.port, 0);
        plane.slowPath.punts.forEach(punt -> punt.port().puntDone());
        plane.slowPath.punts.clear();
        if (found == null) {
            assertArrayEquals(before, slot(express, SLOT), () -> "declined " + Arrays.toString(packet));
        } else {
            assertNotNull(expected, () -> "decided " + Arrays.toString(packet));
            assertSame(expected, found);
            int bytes = VirtioNetHeader.SIZE + visible;
            assertArrayEquals(slot(reference, bytes), slot(express, bytes), () -> "of " + Arrays.toString(packet));
            assertEquals(reference.length[0], express.length[0]);
            assertEquals(0, reference.offloads);
            assertEquals(FlowHash.NONE, reference.hash[0]);
        }
        return found;
    }

    private void fill(FrameBatch batch, byte[] packet) {
        long at = memory.address() + 2 * FrameBatch.MEMORY_SIZE;
        MemorySegment.copy(packet, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, at, packet.length);
        batch.chains.clear();
        batch.offloads = 0;
        batch.addOwn(source.port, FlowHash.NONE, at, packet.length);
        batch.readHeaders(false);
    }

    private static byte[] slot(FrameBatch batch, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, batch.slot(0), bytes, 0, length);
        return bytes;
    }

    // ---- frames at random: near enough to common ones that many are

    private byte[] packet() {
        byte[] packet = Guest.withHeader(frame());
        if (oneIn(10)) {
            packet[random.nextInt(VirtioNetHeader.SIZE)] = (byte) random.nextInt();
        }
        if (oneIn(4)) {
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                int bit = random.nextInt(Math.min(packet.length - VirtioNetHeader.SIZE, 2 * HEADERS) * 8);
                packet[VirtioNetHeader.SIZE + bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        return packet;
    }

    private byte[] frame() {
        int length = oneIn(20)
                ? 14 + random.nextInt(HEADERS - 14)
                : oneIn(4) ? HEADERS + random.nextInt(LONGEST - HEADERS + 1) : HEADERS + random.nextInt(200);
        byte[] frame = new byte[Math.max(length, HEADERS + 8)];
        random.nextBytes(frame);
        long toMac = oneIn(12) ? (oneIn(2) ? Frames.BROADCAST : target.mac()) : Gateway.GATEWAY_MAC;
        long fromMac = oneIn(20) ? target.mac() : source.mac();
        int from = oneIn(20) ? (oneIn(2) ? 0 : target.ipv4()) : source.ipv4();
        int to = destinations[random.nextInt(destinations.length)];
        int[] protocols = {1, 6, 17, random.nextInt(256)};
        int[] hops = {0, 1, 2, 255, 64, 64, random.nextInt(256)};
        byte[] headers = Frames.ipv4(toMac, fromMac, from, to, pick(protocols), pick(hops), Math.max(length, HEADERS));
        System.arraycopy(headers, 0, frame, 0, HEADERS);
        changeHeader(ByteBuffer.wrap(frame));
        if (!oneIn(10)) {
            Frames.sealed(frame);
        }
        if (oneIn(10)) {
            withChecksum(frame, pick(new int[] {0, 0xffff, 0xfeff, 0x0100, 0x00ff, 0xff00, random.nextInt(0x1_0000)}));
        }
        return Arrays.copyOf(frame, length);
    }

    private void changeHeader(ByteBuffer frame) {
        if (oneIn(3)) {
            frame.put(15, (byte) random.nextInt()).putShort(IDENTIFICATION, (short) random.nextInt());
        }
        if (oneIn(10)) {
            frame.putShort(FRAGMENT, (short) random.nextInt());
        }
        if (oneIn(15)) {
            frame.put(14, (byte) pick(new int[] {0x46, 0x4f, 0x44, 0x65, 0x55, random.nextInt(256)}));
        }
        if (oneIn(10)) {
            int total = frame.getShort(TOTAL_LENGTH);
            frame.putShort(TOTAL_LENGTH, (short) pick(new int[] {0, 19, 20, 0xffff, total - 1, total + 1, 0x8014}));
        }
        if (oneIn(25)) {
            frame.putShort(12, (short) pick(new int[] {0x0806, 0x86dd, 0x0008, 0x8100, 0x0801}));
        }
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private int pick(int[] of) {
        return of[random.nextInt(of.length)];
    }
}
