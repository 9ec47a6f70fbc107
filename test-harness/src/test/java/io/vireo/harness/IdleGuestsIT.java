package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.reactor.ReactorCounters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many guests of which few have something to say. */
@Timeout(60)
class IdleGuestsIT {
    private static final int GUESTS = 200;
    private static final int BATCH = 32;
    private static final FrontendOptions SMALL =
            FrontendOptions.DEFAULT.withQueueSize(16).withBufferSize(256);

    @Test
    void areHeardAtOnceWhileOthersKeepTheReactorBusy() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<TestGuest> idle = new ArrayList<>();
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, GUESTS);
                ExecutorService busy = Executors.newSingleThreadExecutor()) {
            try {
                Future<Long> traffic = busy.submit(exchange(router, stop));
                for (int number = 3; number <= GUESTS; number++) {
                    idle.add(TestGuest.attach(router, number, SMALL, 4, TestGuest.BUFFER_SIZE));
                }
                for (int i = 0; i < idle.size(); i++) {
                    idle.get(i).ping(TestGuest.GATEWAY, TestGuest.payload(100, i));
                    idle.get(i).deliver(idle.get((i + 1) % idle.size()), TestGuest.payload(18, i), TestGuest.TTL);
                }
                assertEquals(0, router.counter(2, Counter.RX_DROP_NOT_READY)); // before it leaves
                stop.set(true);
                assertTrue(traffic.get() > 0);
            } finally {
                stop.set(true);
                idle.forEach(TestGuest::close);
            }
        }
    }

    /** Has the first two guests exchange frames until told to stop. @return how many the second received */
    private static Callable<Long> exchange(TestRouter router, AtomicBoolean stop) {
        return () -> {
            try (TestGuest first = TestGuest.attach(router, 1);
                    TestGuest second = TestGuest.attach(router, 2)) {
                byte[] packet = first.datagramTo(second, TestGuest.payload(18, 1));
                long received = 0;
                while (!stop.get()) {
                    first.device().sendCopies(packet, BATCH);
                    received += second.device().discardReceived();
                }
                return received;
            }
        };
    }

    @Test
    void letTheReactorSleepAndWakeItOneByOne() throws IOException {
        List<TestGuest> guests = new ArrayList<>();
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, GUESTS)) {
            try {
                for (int number = 1; number <= GUESTS; number++) {
                    guests.add(TestGuest.attach(router, number, SMALL, 4, TestGuest.BUFFER_SIZE));
                }
                for (TestGuest guest : guests) {
                    long sleeps = reactor(router).sleeps();
                    while (reactor(router).sleeps() == sleeps) {
                        Thread.onSpinWait(); // being asked wakes it; it sleeps again
                    }
                    guest.ping(TestGuest.GATEWAY, TestGuest.payload(100, 1));
                }
            } finally {
                guests.forEach(TestGuest::close);
            }
        }
    }

    private static ReactorCounters reactor(TestRouter router) {
        return router.router().reactorCounters().values().iterator().next();
    }
}
