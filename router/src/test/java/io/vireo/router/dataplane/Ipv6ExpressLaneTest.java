package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.virtqueue.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** The express lane against the classifier: what it decides the other would, and leaves the same bytes in the slot. */
@ParameterizedClass
@CsvSource({"false, 64", "true, 64", "false, 128", "true, 128"})
class Ipv6ExpressLaneTest {
    private static final int FRAMES = 100_000;
    private static final int SLOT = VirtioNetHeader.SIZE + FrameBatch.HEADER_BYTES;
    private static final Ipv6Prefix DELEGATED = Ipv6Prefix.parse("2001:db8:8000:100::/56");

    private final SplittableRandom random = new SplittableRandom(13);
    private final boolean routed;
    private final int ownLength;
    private DataPlane plane;
    private Guest source;
    private Guest target;
    private Classifier classifier;
    private FrameBatch express;
    private FrameBatch reference;
    private SharedMemory memory;
    private List<Ipv6Address> sources;
    private List<Ipv6Address> destinations;

    Ipv6ExpressLaneTest(boolean routed, int ownLength) {
        this.routed = routed;
        this.ownLength = ownLength;
    }

    @BeforeEach
    void start() throws Exception {
        plane = new DataPlane(routed);
        Network network = plane.network;
        source = plane.stoppedGuest(network);
        target = plane.stoppedGuest(network);
        Guest smaller = plane.stoppedGuest(network, 20, 1280);
        Guest larger = plane.stoppedGuest(network, 21, 9000);
        Guest wide = Guest.withPairs(network, DataPlane.PREFIX, 22, 4);
        plane.guests.add(wide);
        source.port.ipv6(new PortIpv6(Optional.of(Ipv6Prefix.of(source.ipv6(), ownLength)), Optional.of(DELEGATED)));
        network.assign(target.port, DELEGATED);
        memory = SharedMemory.allocate("frames", 4 * FrameBatch.MEMORY_SIZE, false);
        express = new FrameBatch(memory.address());
        reference = new FrameBatch(memory.address() + FrameBatch.MEMORY_SIZE);
        classifier = new Classifier(reference, plane.slowPath, new SoftwareOffload(), Uplink.none(), () -> 0);
        Ipv6Address sibling = new Ipv6Address(source.ipv6().high(), 6);
        Ipv6Address delegated = Ipv6Address.parse("2001:db8:8000:1ff::5");
        sources = List.of(
                sibling,
                delegated,
                target.ipv6(),
                Frames6.linkLocal(source),
                Ipv6Address.UNSPECIFIED,
                Frames6.GATEWAY,
                Ipv6Address.ALL_NODES);
        destinations = List.of(
                target.ipv6(),
                target.ipv6(),
                new Ipv6Address(target.ipv6().high(), -1),
                delegated,
                smaller.ipv6(),
                larger.ipv6(),
                wide.ipv6(),
                source.ipv6(),
                Frames6.GATEWAY,
                Frames6.LINK_LOCAL_GATEWAY,
                Frames6.STRANGER,
                Frames6.ELSEWHERE,
                Ipv6Address.ALL_NODES,
                Frames6.DHCP_SERVERS,
                Ipv6Address.UNSPECIFIED,
                Frames6.linkLocal(target));
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
        assertTrue(decided > FRAMES / 20 && declined > FRAMES / 20, decided + " decided, " + declined + " declined");
    }

    @Test
    void takesTheCommonFrame() {
        for (int protocol : new int[] {Frames6.TCP, Frames6.UDP}) {
            for (int length : new int[] {54, 62, 128, 1514}) {
                byte[] frame = Frames6.ipv6(
                        source, source.ipv6(), target.ipv6(), protocol, 64, Frames6.pattern(length - Frames6.UPPER));
                assertSame(target.port, judge(Guest.withHeader(frame)));
            }
        }
    }

    @Test
    void leavesTheRemainingToTheClassifier() {
        for (Ipv6Address from : sources) {
            boolean own = ownLength == 64 && from.high() == source.ipv6().high();
            byte[] frame = Frames6.udp(source, from, target.ipv6(), 100);
            assertEquals(own, judge(Guest.withHeader(frame)) != null, from::toString);
        }
        for (int protocol = 0; protocol < 256; protocol++) {
            boolean common = protocol == Frames6.TCP || protocol == Frames6.UDP;
            byte[] frame = Frames6.ipv6(source, source.ipv6(), target.ipv6(), protocol, 64, Frames6.pattern(50));
            assertEquals(common, judge(Guest.withHeader(frame)) != null, "protocol " + protocol);
        }
        source.port.ipv6(PortIpv6.NONE);
        assertNull(judge(Guest.withHeader(Frames6.udp(source, target.ipv6(), 100))));
        assertNull(judge(Guest.withHeader(Frames6.udp(source, Ipv6Address.UNSPECIFIED, target.ipv6(), 100))));
    }

    /** Has both decide upon a frame. @return what the express lane decided */
    private @Nullable NetPort judge(byte[] packet) {
        fill(express, packet);
        fill(reference, packet);
        byte[] before = slot(express, SLOT);
        int visible = express.visible[0];
        NetPort found = visible < Ipv6ExpressLane.HEADERS
                ? null
                : Ipv6ExpressLane.find(source.port, express.slot(0), express.length[0]);
        NetPort expected = classifier.classify(source.port, 0);
        plane.slowPath.punts.forEach(punt -> punt.port().puntDone());
        plane.slowPath.punts.clear();
        if (found == null) {
            assertArrayEquals(
                    before,
                    slot(express, SLOT),
                    () -> "declined " + HexFormat.of().formatHex(packet));
        } else {
            assertNotNull(expected, () -> "decided " + HexFormat.of().formatHex(packet));
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
                int bit = random.nextInt(Math.min(packet.length - VirtioNetHeader.SIZE, 64) * 8);
                packet[VirtioNetHeader.SIZE + bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        return packet;
    }

    private byte[] frame() {
        Ipv6Address from = oneIn(5) ? sources.get(random.nextInt(sources.size())) : source.ipv6();
        Ipv6Address to = destinations.get(random.nextInt(destinations.size()));
        int[] protocols = {Frames6.TCP, Frames6.UDP, Frames6.TCP, Frames6.UDP, 0, 44, 58, random.nextInt(256)};
        int[] hops = {0, 1, 2, 255, 64, 64, random.nextInt(256)};
        int payload = oneIn(4) ? random.nextInt(1461) : random.nextInt(100);
        byte[] bytes = new byte[payload];
        random.nextBytes(bytes);
        int protocol = protocols[random.nextInt(protocols.length)];
        byte[] frame = Frames6.ipv6(source, from, to, protocol, hops[random.nextInt(hops.length)], bytes);
        if (oneIn(10)) {
            int[] lengths = {0, payload + 1, payload - 1, random.nextInt(1 << 16)};
            ByteBuffer.wrap(frame).putShort(Frames6.PAYLOAD_LENGTH, (short) lengths[random.nextInt(lengths.length)]);
        }
        return oneIn(15) ? Arrays.copyOf(frame, 14 + random.nextInt(frame.length)) : frame;
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }
}
