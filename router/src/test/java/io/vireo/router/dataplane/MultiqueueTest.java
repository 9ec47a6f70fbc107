package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest with two pairs of queues and a control queue, whose rings lie in a memory of their own each. */
class MultiqueueTest {
    private static final long FEATURES =
            Features.NET_MRG_RXBUF | Features.NET_MQ | Features.NET_CTRL_VQ | Features.NET_CTRL_RX;
    private static final int FLOWS = 64;
    private static final int LENGTH = 100;
    private static final int SOURCE_PORT = 34;
    private static final int SECOND_RECEIVE = 2;
    private static final int SECOND_TRANSMIT = 3;
    private static final int CONTROL = 4;
    private static final byte OK = 0;
    private static final byte ERROR = 1;

    private DataPlane plane;
    private Guest sender;
    private Guest guest;
    private Guest second;
    private Guest control;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        sender = plane.guest();
        Network nowhere = Networks.subnet("nowhere");
        guest = Guest.withPairs(plane.network, DataPlane.PREFIX, 77, 2);
        second = new Guest(nowhere, DataPlane.PREFIX, 78);
        control = new Guest(nowhere, DataPlane.PREFIX, 79);
        plane.guests.addAll(List.of(guest, second, control));
        guest.start(FEATURES);
        startSecondPair(FEATURES);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private void startSecondPair(long features) throws Exception {
        guest.port.start(second.setupAs(SECOND_RECEIVE, NetPort.RECEIVE_QUEUE, features, true));
        guest.port.start(second.setupAs(SECOND_TRANSMIT, NetPort.TRANSMIT_QUEUE, features, true));
    }

    private void startControl() throws Exception {
        guest.port.start(control.setupAs(CONTROL, NetPort.TRANSMIT_QUEUE, FEATURES, true));
    }

    /** A frame of each flow. */
    private void send(int number) {
        for (int flow = 0; flow < FLOWS; flow++) {
            sender.send(frame(flow, number));
        }
        plane.visit(sender);
        assertTrue(sender.isAllTransmitted());
    }

    private byte[] frame(int flow, int number) {
        byte[] frame = Frames.udp(sender, guest.ipv4(), LENGTH);
        ByteBuffer.wrap(frame).putShort(SOURCE_PORT, (short) flow).putShort(LENGTH - 2, (short) number);
        return frame;
    }

    private void expectAllInFirst(int number) {
        List<byte[]> frames = guest.receiveFrames();
        assertEquals(FLOWS, frames.size());
        for (int flow = 0; flow < FLOWS; flow++) {
            assertArrayEquals(Frames.forwarded(frame(flow, number), guest), frames.get(flow));
        }
        assertTrue(second.receiveFrames().isEmpty());
    }

    private void post() {
        guest.post(FLOWS, 2000);
        second.post(FLOWS, 2000);
    }

    private static List<Integer> flows(List<byte[]> frames) {
        return frames.stream()
                .map(frame -> (int) ByteBuffer.wrap(frame).getShort(SOURCE_PORT))
                .toList();
    }

    @Test
    void keepsEachFlowOnOneQueueAndUsesBoth() {
        post();
        plane.visit(guest);
        send(1);
        List<Integer> first = flows(guest.receiveFrames());
        List<Integer> other = flows(second.receiveFrames());
        assertEquals(FLOWS, first.size() + other.size());
        assertTrue(first.size() > FLOWS / 4 && other.size() > FLOWS / 4, first + " and " + other);
        for (int number = 2; number < 5; number++) {
            post();
            send(number);
            assertEquals(first, flows(guest.receiveFrames()));
            assertEquals(other, flows(second.receiveFrames()));
        }
        assertEquals(4 * FLOWS, guest.port.counter(Counter.RX_FRAMES));
    }

    @Test
    void leavesAloneAQueueThatNeverHadBuffers() {
        guest.post(FLOWS, 2000);
        plane.visit(guest);
        send(1);
        expectAllInFirst(1);
        post();
        plane.visit(guest);
        send(2);
        assertTrue(!second.receiveFrames().isEmpty(), "now it has");
    }

    @Test
    void givesNothingToADisabledQueueAndDropsWhatWaitedForIt() {
        second.post(1, 2000);
        guest.post(FLOWS, 2000);
        plane.visit(guest);
        send(1);
        int atFirst = guest.receiveFrames().size();
        assertEquals(1, second.receiveFrames().size());
        assertTrue(guest.port.counter(Counter.RX_BACKLOGGED) > 0);
        guest.port.enable(SECOND_RECEIVE, false);
        assertEquals(FLOWS - atFirst - 1, guest.port.counter(Counter.RX_DROP_NOT_READY));
        post();
        send(2);
        expectAllInFirst(2);
    }

    @Test
    void forwardsWhatEachTransmitQueueSendsInItsOrder() {
        sender.post(100, 2000);
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            byte[] frame = Frames.udp(guest, sender.ipv4(), LENGTH + i);
            (i % 2 == 0 ? guest : second).send(frame);
            expected.add(Frames.forwarded(frame, sender));
        }
        plane.visit(guest);
        List<byte[]> received = sender.receiveFrames();
        assertEquals(20, received.size());
        for (int i = 0; i < 10; i++) {
            assertArrayEquals(expected.get(2 * i), received.get(i));
            assertArrayEquals(expected.get(2 * i + 1), received.get(10 + i));
        }
        assertTrue(guest.isAllTransmitted());
        assertTrue(second.isAllTransmitted());
    }

    @Test
    void usesAsManyPairsAsTheGuestAsksForWhereItsFrontendHandsOverTheControlQueue() throws Exception {
        startControl();
        post();
        plane.visit(guest);
        send(1);
        expectAllInFirst(1);
        long status = control.command((byte) 4, (byte) 0, (byte) 2, (byte) 0); // MQ, VQ_PAIRS_SET, 2
        plane.visit(guest);
        assertEquals(OK, HostMemory.getByte(status));
        post();
        send(2);
        assertTrue(!guest.receiveFrames().isEmpty());
        assertTrue(!second.receiveFrames().isEmpty());
        status = control.command((byte) 4, (byte) 0, (byte) 1, (byte) 0);
        long refused = control.command((byte) 4, (byte) 0, (byte) 3, (byte) 0);
        plane.visit(guest);
        assertEquals(OK, HostMemory.getByte(status));
        assertEquals(ERROR, HostMemory.getByte(refused));
        assertTrue(control.isAllTransmitted());
        post();
        send(3);
        expectAllInFirst(3);
    }

    @Test
    void hasOnePairAndTheControlQueueBehindItWithoutMultiqueue() throws Exception {
        for (int queue = 0; queue < CONTROL; queue++) {
            guest.port.stop(queue);
        }
        long features = FEATURES & ~Features.NET_MQ;
        guest.start(features);
        guest.port.start(control.setupAs(2, NetPort.TRANSMIT_QUEUE, features, true));
        long status = control.command((byte) 0, (byte) 0, (byte) 1); // RX, PROMISC, on
        plane.visit(guest);
        assertEquals(OK, HostMemory.getByte(status));
        guest.post(FLOWS, 2000);
        send(1);
        expectAllInFirst(1);
    }

    @Test
    void servesAllRingsAnewAfterTheyWereStopped() throws Exception {
        startControl();
        for (int queue = 0; queue <= CONTROL; queue++) {
            guest.port.stop(queue);
        }
        assertTrue(!guest.port.isServed());
        guest.port.reset();
        guest.start(FEATURES);
        startSecondPair(FEATURES);
        post();
        plane.visit(guest);
        send(1);
        assertTrue(!second.receiveFrames().isEmpty());
    }

    @Test
    void breaksAsAWholeWhenOneRingIsBroken() {
        second.offerOutside(false);
        plane.visit(guest);
        assertTrue(guest.port.isBroken());
        assertEquals(2, guest.errors(), "on both rings");
        assertEquals(2, second.errors());
    }

    @Test
    void keepsTheSegmentsOfASuperFrameOnItsFlowsQueue() throws Exception {
        Guest offloading = plane.guest(plane.network, OffloadedTrafficTest.SENDS);
        SplittableRandom random = new SplittableRandom(5);
        post();
        plane.visit(guest);
        int others = 0;
        for (int flow = 0; flow < 20; flow++) {
            OffloadFrame frame = new OffloadFrame(false, true, 3000, random).addressed(offloading, guest);
            offloading.sendLong(
                    frame.withSegmentation(VirtioNetHeader.GSO_TCPV4, 1400).packet());
            plane.visit(offloading);
            int ports = ByteBuffer.wrap(frame.bytes).getInt(SOURCE_PORT);
            int hash = FlowHash.of(offloading.ipv4(), guest.ipv4(), Protocol.TCP, ports >>> 16, ports & 0xffff);
            int queue = FlowHash.queue(hash, 2);
            assertEquals(queue == 0 ? 3 : 0, guest.receiveFrames().size());
            assertEquals(queue == 1 ? 3 : 0, second.receiveFrames().size());
            others += queue;
        }
        assertTrue(others > 4 && others < 16, "flows of either queue");
    }
}
