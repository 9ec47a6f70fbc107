package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.SharedMemory;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A guest is given the same, byte for byte, whichever reactor its sender belongs to. */
class OffloadsBetweenReactorsTest {
    private static final int SEGMENT = 1400;

    static Stream<Arguments> receivers() {
        return Stream.of(OffloadedTrafficTest.TAKES_ALL, OffloadedTrafficTest.TAKES_CHECKSUMS, Features.NET_MRG_RXBUF)
                .flatMap(features -> Stream.of(Arguments.of(features, false), Arguments.of(features, true)));
    }

    /** Keeps what was handed over in memory of the test's. */
    private static final class Peer implements PeerReactor {
        private record Frame(NetPort port, int hash, long address, int length) {}

        private final List<Frame> frames = new ArrayList<>();
        private int published;

        @Override
        public long append(NetPort port, int hash, int bytes) {
            long address = Arena.global().allocate(bytes).address();
            frames.add(new Frame(port, hash, address, bytes));
            return address;
        }

        @Override
        public void publish() {
            published = frames.size();
        }

        @Override
        public void abandon() {
            frames.subList(published, frames.size()).clear();
        }
    }

    @ParameterizedTest
    @MethodSource("receivers")
    void superFramesArriveAsTheReceiverTakesThem(long features, boolean ipv6) throws Exception {
        List<byte[]> same = receive(features, ipv6, 0);
        List<byte[]> other = receive(features, ipv6, 1);
        assertTrue(same.size() >= 6);
        assertEquals(same.size(), other.size());
        for (int i = 0; i < same.size(); i++) {
            assertArrayEquals(same.get(i), other.get(i));
        }
    }

    private static List<byte[]> receive(long features, boolean ipv6, int reactor) throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        Peer peer = new Peer();
        try (DataPlane plane = DataPlane.subnet();
                SharedMemory memory = SharedMemory.allocate("batch", FrameBatch.MEMORY_SIZE, false)) {
            Guest sender = plane.guest(plane.network, OffloadedTrafficTest.SENDS);
            Guest receiver = Guest.of(plane.network, DataPlane.PREFIX, 9, reactor);
            plane.guests.add(receiver);
            receiver.start(features);
            receiver.post(200, 2000);
            plane.forwarder.connect(1, peer);
            for (int payload : new int[] {100, 5000, 1, 20_000, SEGMENT, 64_000}) {
                boolean tcp = payload != 20_000;
                OffloadFrame frame = new OffloadFrame(ipv6, tcp, payload, random).addressed(sender, receiver);
                int segments = ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
                int type = tcp ? segments : VirtioNetHeader.GSO_UDP_L4;
                sender.sendLong(
                        payload > SEGMENT
                                ? frame.withSegmentation(type, SEGMENT).packet()
                                : frame.packet());
                plane.visit(sender);
            }
            Forwarder theirs = new Forwarder(new FrameBatch(memory.address()), plane.slowPath, plane.doorbell);
            peer.frames.forEach(frame -> theirs.receive(frame.port(), frame.hash(), frame.address(), frame.length()));
            theirs.deliverReceived();
            assertEquals(0, sender.port.counter(Counter.TX_DROP_OFFLOAD));
            return receiver.receiveAny().stream()
                    .map(GuestDriver.Received::frame)
                    .toList();
        }
    }
}
