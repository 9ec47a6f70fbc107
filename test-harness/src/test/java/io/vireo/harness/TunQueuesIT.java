package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Epoll;
import io.vireo.linux.Errno;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Tun;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.router.uplink.UplinkQueues;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queues of the uplink over the kernel's TUN device, in a network namespace of their own. Takes root. */
@Timeout(60)
class TunQueuesIT {
    private static final String NAME = "uplink0";

    /** Virtio-net header, then an echo request from 10.9.0.2 to 10.9.0.1 (RFC 792), and the answer. */
    private static final byte[] REQUEST = HexFormat.of()
            .parseHex("000000000000000000000000" + "4500001c000100004001" + "66cc" + "0a090002" + "0a090001"
                    + "0800f7fd00010001");

    private static final int TYPE = 12 + 20;

    /** The kernel notes where a flow comes from after it has received the first packet of it, and answered. */
    @Test
    void echoRequestsAreAnsweredWhereTheyCameFrom() throws Exception {
        OwnNamespace.run(() -> {
            List<UplinkQueue> queues = open(2);
            up();
            try (Epoll epoll = new Epoll();
                    Arena arena = Arena.ofConfined()) {
                for (UplinkQueue queue : queues) {
                    epoll.add(queue.readable());
                }
                MemorySegment request = arena.allocateFrom(ValueLayout.JAVA_BYTE, REQUEST);
                assertEquals(UplinkQueue.TAKEN, send(queues.getLast(), request));
                awaitReplies(1, queues, epoll);
                for (int round = 0; round < 20; round++) {
                    sendBatch(queues.getLast(), request);
                    awaitReplies(UplinkQueue.BATCH, List.of(queues.getLast()), epoll);
                }
            } finally {
                queues.forEach(UplinkQueue::close);
            }
        });
    }

    private static void awaitReplies(int count, List<UplinkQueue> queues, Epoll epoll) throws LinuxException {
        int replies = 0;
        while (replies < count) {
            if (queues.stream().noneMatch(UplinkQueue::mayHavePackets)) {
                assertTrue(epoll.await(5_000) > 0, replies + " replies");
                queues.forEach(UplinkQueue::noteReadable);
            }
            for (UplinkQueue queue : queues) {
                replies += readReplies(queue);
            }
        }
        assertEquals(count, replies);
    }

    @Test
    void aDeviceThatIsDownRefusesAndWorksWhenItIsUpAgain() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkQueue queue = open(1).getFirst();
                    Arena arena = Arena.ofConfined()) {
                MemorySegment request = arena.allocateFrom(ValueLayout.JAVA_BYTE, REQUEST);
                assertEquals(Errno.EIO, send(queue, request));
                up();
                assertEquals(UplinkQueue.TAKEN, send(queue, request));
                ip("link set dev " + NAME + " down");
                assertEquals(Errno.EIO, send(queue, request));
                assertEquals(0, queue.failure());
                ip("link set dev " + NAME + " up");
                assertEquals(UplinkQueue.TAKEN, send(queue, request));
            }
        });
    }

    @Test
    void aDeviceThatIsTakenAwayIsAFailureThatWakesAndItsNameIsFree() throws Exception {
        OwnNamespace.run(() -> {
            for (boolean bySending : new boolean[] {false, true}) {
                try (UplinkQueue queue = open(1).getFirst();
                        Epoll epoll = new Epoll();
                        Arena arena = Arena.ofConfined()) {
                    up();
                    epoll.add(queue.readable());
                    drain(queue);
                    epoll.await(0);
                    ip("link del dev " + NAME);
                    assertEquals(1, epoll.await(5_000));
                    queue.noteReadable();
                    assertEquals(0, queue.failure());
                    if (bySending) {
                        MemorySegment request = arena.allocateFrom(ValueLayout.JAVA_BYTE, REQUEST);
                        assertEquals(Errno.EBADFD, send(queue, request));
                    } else {
                        drain(queue);
                    }
                    assertEquals(Errno.EBADFD, queue.failure());
                    assertFalse(queue.mayHavePackets());
                    open(1).forEach(UplinkQueue::close);
                }
            }
        });
    }

    @Test
    void aDeviceGoesWithItsQueuesAtOnce() throws Exception {
        OwnNamespace.run(() -> {
            for (int i = 0; i < 20; i++) {
                List<UplinkQueue> queues = open(2);
                queues.forEach(TunQueuesIT::drain);
                queues.forEach(UplinkQueue::close);
                assertFalse(ip("-o link").contains(NAME));
            }
        });
    }

    @Test
    void aDeviceOfAnotherProcessIsNotTaken() throws Exception {
        OwnNamespace.run(() -> {
            List<Tun> first = Tun.open(NAME, 1);
            LinuxException refused = assertThrows(LinuxException.class, () -> Tun.open(NAME, 1));
            assertEquals(Errno.EBUSY, refused.errno());
            first.forEach(Tun::close);
        });
    }

    @Test
    void aDeviceThatWasMadeToStayIsTakenAndStays() throws Exception {
        OwnNamespace.run(() -> {
            ip("tuntap add dev " + NAME + " mode tun multi_queue");
            for (int i = 0; i < 2; i++) {
                List<UplinkQueue> queues = open(2);
                queues.forEach(UplinkQueue::close);
                assertTrue(ip("-o link").contains(NAME));
            }
        });
    }

    @Test
    void aDeviceOfOneQueueIsRefused() throws Exception {
        OwnNamespace.run(() -> {
            ip("tuntap add dev " + NAME + " mode tun");
            LinuxException refused = assertThrows(LinuxException.class, () -> Tun.open(NAME, 1));
            assertEquals(Errno.EINVAL, refused.errno());
        });
    }

    private static List<UplinkQueue> open(int queues) throws LinuxException {
        List<UplinkQueue> opened = UplinkQueues.of(Tun.open(NAME, queues));
        opened.forEach(UplinkQueue::start);
        return opened;
    }

    private static void up() throws Exception {
        ip("addr add 10.9.0.1/24 dev " + NAME);
        ip("link set dev " + NAME + " up");
    }

    private static void sendBatch(UplinkQueue queue, MemorySegment request) {
        long address = request.address();
        for (int i = 0; i < UplinkQueue.BATCH; i++) {
            queue.add(new long[] {address, address + 12}, new int[] {12, REQUEST.length - 12}, 2);
        }
        queue.flush();
        for (int i = 0; i < UplinkQueue.BATCH; i++) {
            assertEquals(UplinkQueue.TAKEN, queue.result(i));
        }
    }

    /** @return what became of it */
    private static int send(UplinkQueue queue, MemorySegment packet) {
        queue.add(new long[] {packet.address()}, new int[] {(int) packet.byteSize()}, 1);
        queue.flush();
        return queue.result(0);
    }

    /** Reads once; whatever else the kernel has to say over IPv6 is not counted. */
    private static int readReplies(UplinkQueue queue) {
        int replies = 0;
        int count = queue.read();
        for (int i = 0; i < count; i++) {
            byte[] packet =
                    HostMemory.ALL.asSlice(queue.address(i), queue.length(i)).toArray(ValueLayout.JAVA_BYTE);
            if (packet[12] == 0x45) {
                assertEquals(0, packet[TYPE], "an echo reply");
                assertArrayEquals(new byte[] {10, 9, 0, 1, 10, 9, 0, 2}, Arrays.copyOfRange(packet, 12 + 12, 12 + 20));
                replies++;
            }
        }
        return replies;
    }

    private static void drain(UplinkQueue queue) {
        while (queue.mayHavePackets()) {
            int ignored = queue.read();
        }
    }
}
