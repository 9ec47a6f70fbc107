package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests of one network on two reactors: the first half belongs to the one, the second half to the other. */
@Timeout(120)
class TwoReactorsIT {
    private static final int FRAMES = 30_000;
    private static final int BUFFERS = 256;
    private static final int BUFFER_SIZE = 256;

    private static final List<Counter> DROPS = List.of(Counter.values()).stream()
            .filter(counter -> counter.name().contains("DROP"))
            .toList();

    @Test
    void guestsOfBothLeaseAndPingAndReachEachOther() throws IOException {
        try (TestRouter router = TestRouter.start(2, Addressing.ROUTED, true, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            vm1.lease();
            vm2.lease();
            vm2.ping(TestGuest.GATEWAY, TestGuest.payload(1000, 1));
            for (int length = 1; length <= 1472; length += 7) {
                vm1.deliver(vm2, TestGuest.payload(length, length), TestGuest.TTL - 1);
                vm2.deliver(vm1, TestGuest.payload(length, -length), TestGuest.TTL - 1);
            }
            assertEquals(2, router.router().reactorCounters().size());
        }
    }

    @Test
    void framesOfAFlowStayInOrderUnderLoadAndTheCountersAddUp() throws Exception {
        try (TestRouter router = TestRouter.start(2, Addressing.SUBNET, true, 4);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2);
                TestGuest vm3 = attach(router, 3);
                TestGuest vm4 = attach(router, 4);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            AtomicInteger received3 = new AtomicInteger();
            AtomicInteger received2 = new AtomicInteger();
            List<Future<Boolean>> ends = List.of(
                    threads.submit(send(vm1, vm3, received3)),
                    threads.submit(send(vm4, vm2, received2)),
                    threads.submit(receive(vm3, received3)),
                    threads.submit(receive(vm2, received2)));
            for (Future<Boolean> end : ends) {
                end.get();
            }
            for (int number = 1; number <= 4; number++) {
                boolean sender = number == 1 || number == 4;
                assertEquals(sender ? FRAMES : 0, router.counter(number, Counter.TX_FRAMES));
                assertEquals(sender ? 0 : FRAMES, router.counter(number, Counter.RX_FRAMES));
                for (Counter drop : DROPS) {
                    assertEquals(0, router.counter(number, drop), drop.label());
                }
            }
        }
    }

    private static TestGuest attach(TestRouter router, int number) throws IOException {
        return TestGuest.attach(router, number, FrontendOptions.DEFAULT, BUFFERS, BUFFER_SIZE);
    }

    /** Sends as fast as the receiver has buffers, so that nothing is dropped. */
    private static Callable<Boolean> send(TestGuest from, TestGuest to, AtomicInteger received) {
        return () -> {
            for (int number = 1; number <= FRAMES; number++) {
                while (number - received.get() > BUFFERS) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException("while the receiver is slow, or has failed");
                    }
                    Thread.onSpinWait();
                }
                from.send(from.datagramTo(
                        to, ByteBuffer.allocate(Integer.BYTES).putInt(number).array()));
            }
            from.flush();
            return true;
        };
    }

    private static Callable<Boolean> receive(TestGuest guest, AtomicInteger received) {
        return () -> {
            for (int number = 1; number <= FRAMES; number++) {
                byte[] packet = guest.receive();
                assertEquals(number, ByteBuffer.wrap(packet).getInt(packet.length - Integer.BYTES));
                received.set(number);
            }
            return true;
        };
    }
}
