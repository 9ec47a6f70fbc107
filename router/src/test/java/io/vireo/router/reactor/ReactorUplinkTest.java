package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Errno;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.dataplane.RecordingSlowPath;
import io.vireo.router.uplink.UplinkQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A reactor's queue of the uplink, which here never has a packet, but says when it was asked for some. */
@Timeout(20)
class ReactorUplinkTest {
    /** As one whose kernel tells of packets by the descriptor alone. */
    private static final class Queue implements UplinkQueue {
        private final EventFd device = EventFd.create();
        final AtomicInteger reads = new AtomicInteger();
        private boolean readable = true;
        volatile int failure;
        volatile boolean closed;

        Queue() throws LinuxException {}

        @Override
        public void start() {}

        @Override
        public boolean takesUdpSuperFrames() {
            return true;
        }

        @Override
        public int add(long[] addresses, int[] lengths, int pieces) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void flush() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void abandon() {}

        @Override
        public int result(int packet) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Fd readable() {
            return device.fd();
        }

        @Override
        public void noteReadable() {
            readable = true;
        }

        @Override
        public boolean mayHavePackets() {
            return readable;
        }

        @Override
        public int read() {
            readable = false;
            reads.incrementAndGet();
            return 0;
        }

        @Override
        public long address(int packet) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int length(int packet) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int failure() {
            return failure;
        }

        @Override
        public void close() {
            closed = true;
            device.close();
        }
    }

    private final RecordingSlowPath slowPath = new RecordingSlowPath();
    private final AtomicInteger lost = new AtomicInteger();
    private Reactor reactor = start(IdlePolicy.DEFAULT);

    ReactorUplinkTest() throws LinuxException {}

    private Reactor start(IdlePolicy idle) throws LinuxException {
        Reactor started = new Reactor("reactor-under-test", 0, slowPath, idle);
        started.start();
        return started;
    }

    @AfterEach
    void close() {
        reactor.shutdown();
        slowPath.close();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @EnumSource
    void hearsWhenPacketsCome(IdlePolicy.Mode mode) throws Exception {
        reactor.shutdown();
        reactor = start(new IdlePolicy(mode, 0));
        Queue queue = new Queue();
        reactor.serve(queue, lost::set);
        for (int round = 1; round < 50; round++) {
            int expected = round;
            await(() -> queue.reads.get() >= expected);
            queue.device.signal();
        }
    }

    @Test
    void letsGoOfAQueueThatFailedAndSaysSo() throws Exception {
        Queue queue = new Queue();
        reactor.serve(queue, lost::set);
        assertTrue(reactor.servesUplink());
        queue.failure = Errno.EBADFD;
        queue.device.signal();
        await(() -> lost.get() == Errno.EBADFD);
        assertTrue(queue.closed);
        assertFalse(reactor.servesUplink());
    }

    @Test
    void replacesAQueueAndTellsNobody() throws Exception {
        Queue first = new Queue();
        Queue second = new Queue();
        reactor.serve(first, lost::set);
        reactor.serve(second, lost::set);
        assertTrue(first.closed);
        assertFalse(second.closed);
        reactor.leaveUplink();
        assertTrue(second.closed);
        assertFalse(reactor.servesUplink());
        assertEquals(0, lost.get());
    }

    @Test
    void closesAQueueThatItCannotWatch() throws Exception {
        Queue queue = new Queue();
        queue.device.close();
        assertThrows(IllegalStateException.class, () -> reactor.serve(queue, lost::set));
        assertTrue(queue.closed);
        assertFalse(reactor.servesUplink());
    }
}
