package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.Frames;
import io.vireo.router.dataplane.Guest;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.Networks;
import io.vireo.router.dataplane.RecordingSlowPath;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests here are played by the test's thread; the reactor has its own. */
@Timeout(20)
class ReactorTest {
    private static final int PREFIX = 0x0a00_0000;

    private RecordingSlowPath slowPath;
    private Reactor reactor;
    private Guest a;
    private Guest b;

    @BeforeEach
    void start() throws Exception {
        slowPath = new RecordingSlowPath();
        reactor = new Reactor("reactor-under-test", 0, slowPath, IdlePolicy.DEFAULT);
        Network network = Networks.subnet("net");
        a = new Guest(network, PREFIX, 5);
        b = new Guest(network, PREFIX, 6);
        reactor.start();
    }

    @AfterEach
    void close() {
        reactor.shutdown();
        slowPath.close();
        a.close();
        b.close();
    }

    private NetDevice device(Guest guest) {
        return new NetDevice(guest.port, reactor, true, GuestPresence.UNNOTICED);
    }

    private void serve(Guest guest) throws Exception {
        serve(guest, reactor);
    }

    /** Waits without sleeping: what is waited for takes microseconds. */
    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("in vain waited for: " + what);
            }
            Thread.onSpinWait();
        }
    }

    private void awaitSleep(Guest guest) {
        await("the reactor asks for kicks", guest::kickIsWanted);
    }

    private void assertForwards() {
        b.post(1, 2000);
        byte[] frame = Frames.udp(a, b.ipv4(), 100);
        a.send(frame);
        a.kick.signal();
        List<byte[]> received = new ArrayList<>();
        await("a frame from a to b", () -> received.addAll(b.receiveFrames()));
        assertEquals(1, received.size());
        assertArrayEquals(Frames.forwarded(frame, b), received.getFirst());
    }

    @Test
    void doesWhatItIsAskedOnItsOwnThread() {
        Thread there = reactor.call(Thread::currentThread);
        assertNotSame(Thread.currentThread(), there);
        assertEquals("reactor-under-test", there.getName());
    }

    @Test
    void runsPostedCommandsInOrder() throws Exception {
        List<Integer> order = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        for (int i = 0; i < 500; i++) {
            int number = i;
            reactor.post(() -> order.add(number));
        }
        reactor.post(done::countDown);
        assertTrue(done.await(10, TimeUnit.SECONDS));
        for (int i = 0; i < 500; i++) {
            assertEquals(i, order.get(i));
        }
    }

    @Test
    void losesNoCommandWhenItIsFarBehind() throws Exception {
        List<Integer> order = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch nearlyFull = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread poster = Thread.ofPlatform().start(() -> {
            reactor.call(echo(0));
            reactor.post(() -> awaitUninterruptibly(go));
            for (int i = 0; i < 3000; i++) {
                int number = i;
                reactor.post(() -> order.add(number));
                if (i == 1000) {
                    nearlyFull.countDown();
                }
            }
            reactor.post(done::countDown);
        });
        assertTrue(nearlyFull.await(10, TimeUnit.SECONDS));
        go.countDown();
        assertTrue(done.await(10, TimeUnit.SECONDS));
        poster.join();
        assertEquals(IntStream.range(0, 3000).boxed().toList(), order);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void handsTheFailureOfACommandToItsCaller() {
        IllegalStateException failure = assertThrows(
                IllegalStateException.class,
                () -> reactor.call(() -> {
                    throw new UnsupportedOperationException("no");
                }));
        assertEquals("reactor-under-test failed to do what was asked", failure.getMessage());
        assertEquals(2, reactor.call(() -> 2), "and goes on");
    }

    @Test
    void goesOnAfterAPostedCommandFailed() {
        reactor.post(() -> {
            throw new UnsupportedOperationException("no");
        });
        assertEquals(2, reactor.call(() -> 2));
    }

    @Test
    void wantOfMemoryCostsAGuestItsPortAndNobodyElse() throws Exception {
        serve(a);
        serve(b);
        slowPath.fail(new OutOfMemoryError("for a test"));
        b.send(Frames.dhcp(b, 300));
        b.kick.signal();
        await("the port is broken", () -> b.errors() > 0);
        stop(b);
        serve(b);
        assertForwards();
        assertEquals(0, a.errors());
    }

    @Test
    void tellsItsCallerThatThereWasNoMemory() {
        assertThrows(
                IllegalStateException.class,
                () -> reactor.call(() -> {
                    throw new OutOfMemoryError("for a test");
                }));
        assertEquals(2, reactor.call(() -> 2), "and goes on");
    }

    @Test
    void wakesForACommandAndSleepsAgain() throws Exception {
        serve(a);
        for (int i = 0; i < 100; i++) {
            awaitSleep(a);
            assertEquals(i, reactor.call(echo(i)));
        }
    }

    private static Supplier<Integer> echo(int value) {
        return () -> value;
    }

    @Test
    void wakesForAKick() throws Exception {
        serve(a);
        serve(b);
        for (int i = 0; i < 20; i++) {
            awaitSleep(a);
            assertForwards();
        }
        assertEquals(20, reactor.call(() -> a.port.counter(Counter.TX_FRAMES)));
    }

    @Test
    void hearsAKickWhileAnotherGuestKeepsItBusy() throws Exception {
        try (Guest busy = new Guest(a.port.network(), PREFIX, 7)) {
            serve(a);
            serve(b);
            serve(busy);
            for (int i = 0; i < 20; i++) {
                await("the reactor asks for kicks of the silent guest alone", () -> {
                    keepBusy(busy);
                    return a.kickIsWanted();
                });
                b.post(1, 2000);
                a.send(Frames.udp(a, b.ipv4(), 100));
                a.kick.signal();
                await("a frame from a to b", () -> {
                    keepBusy(busy);
                    return !b.receiveFrames().isEmpty();
                });
            }
            stop(busy);
        }
    }

    /** Sends another frame when the last was taken: to nobody, so that no buffers are needed. */
    private static void keepBusy(Guest guest) {
        if (guest.isAllTransmitted()) {
            guest.send(Frames.udp(guest, PREFIX + 99, 100));
            guest.kick.signal();
        }
    }

    private void stop(Guest guest) {
        device(guest).stopRing(NetPort.RECEIVE_QUEUE);
        device(guest).stopRing(NetPort.TRANSMIT_QUEUE);
    }

    @Test
    void givesASilentGuestWhatWaitedWhileItsRingWasDisabled() throws Exception {
        serve(a);
        serve(b);
        a.send(Frames.udp(a, b.ipv4(), 100));
        a.kick.signal();
        await("the frame waits for buffers", () -> counter(b, Counter.RX_BACKLOGGED) == 1);
        device(b).enableRing(NetPort.RECEIVE_QUEUE, false);
        b.post(1, 2000);
        awaitSleep(b);
        assertTrue(b.receiveFrames().isEmpty());
        device(b).enableRing(NetPort.RECEIVE_QUEUE, true);
        await("the frame", () -> !b.receiveFrames().isEmpty());
    }

    private long counter(Guest guest, Counter counter) {
        return reactor.call(() -> guest.port.counter(counter));
    }

    @Test
    void countsItsSleepsAndPolls() throws Exception {
        serve(a);
        serve(b);
        awaitSleep(a);
        assertForwards();
        awaitSleep(a);
        ReactorCounters counters = reactor.counters();
        assertTrue(counters.sleeps() > 0);
        assertTrue(counters.busyPolls() > 0);
        assertTrue(counters.emptyPolls() > 0);
        assertTrue(counters.asleepNs() > 0);
    }

    @Test
    void neitherSleepsNorAsksForKicksInBusyMode() throws Exception {
        reactor.shutdown();
        reactor = new Reactor("busy", 0, slowPath, new IdlePolicy(IdlePolicy.Mode.BUSY, 0));
        reactor.start();
        serve(a);
        serve(b);
        await("many turns without work", () -> reactor.counters().emptyPolls() > 100_000);
        assertFalse(a.kickIsWanted());
        b.post(1, 2000);
        a.send(Frames.udp(a, b.ipv4(), 100));
        await("a frame from a to b, without a kick", () -> !b.receiveFrames().isEmpty());
        assertEquals(0, reactor.counters().sleeps());
    }

    @Test
    void forwardsWhatWasPendingWhenARingStarts() throws Exception {
        serve(b);
        b.post(1, 2000);
        a.send(Frames.udp(a, b.ipv4(), 100));
        serve(a);
        await("a frame from a to b", () -> !b.receiveFrames().isEmpty());
    }

    @Test
    void touchesAStoppedRingNoMore() throws Exception {
        serve(a);
        serve(b);
        assertForwards();
        assertEquals(1, device(a).stopRing(NetPort.TRANSMIT_QUEUE));
        assertEquals(0, device(a).stopRing(NetPort.TRANSMIT_QUEUE), "it is not served");
        a.send(Frames.udp(a, b.ipv4(), 100));
        a.kick.signal();
        reactor.call(echo(0));
        reactor.call(echo(0));
        assertTrue(b.receiveFrames().isEmpty());
        device(a).startRing(a.setup(NetPort.TRANSMIT_QUEUE, 0, true));
        b.post(1, 2000);
        b.kick.signal();
        await("the frame that waited", () -> !b.receiveFrames().isEmpty());
    }

    /** A VMM that cuts its memory off before it starts a ring: the first touch is on behalf of a command. */
    @Test
    void survivesARingWhoseMemoryIsGoneBeforeItStarts() throws Exception {
        serve(b);
        Guest hostile = a;
        hostile.loseMemory();
        for (int queue = 0; queue < 2; queue++) {
            RingSetup setup = hostile.setupWithoutLooking(queue);
            assertThrows(IllegalStateException.class, () -> device(hostile).startRing(setup));
            assertFalse(reactor.call(() -> hostile.port.isServed()), "who could not start it will not stop it");
        }
        awaitSleep(b);
        assertEquals(2, reactor.call(() -> 2));
    }

    @Test
    void goesOnServingTheOthersWhenAPortLosesItsMemory() throws Exception {
        Network network = a.port.network();
        try (Guest hostile = new Guest(network, PREFIX, 7)) {
            serve(a);
            serve(b);
            serve(hostile);
            awaitSleep(hostile);
            hostile.loseMemory();
            hostile.kick.signal();
            assertForwards();
            await("the error descriptors are rung", () -> hostile.errors() > 0);
            assertForwards();
            device(hostile).stopRing(NetPort.RECEIVE_QUEUE);
            device(hostile).stopRing(NetPort.TRANSMIT_QUEUE);
        }
        assertForwards();
    }

    /** With a spin of nothing either reactor sleeps as soon as it can: each round wakes both of them. */
    @Test
    void handsFramesOnToAReactorThatSleeps() throws Exception {
        IdlePolicy drowsy = new IdlePolicy(IdlePolicy.Mode.ADAPTIVE, 0);
        Reactor first = new Reactor("first", 0, slowPath, drowsy);
        Reactor second = new Reactor("second", 1, slowPath, drowsy);
        List<Handover> handovers = List.of(first.connect(second), second.connect(first));
        Network network = Networks.subnet("two");
        try (Guest here = Guest.of(network, PREFIX, 5, 0);
                Guest there = Guest.of(network, PREFIX, 6, 1)) {
            first.start();
            second.start();
            serve(here, first);
            serve(there, second);
            for (int round = 0; round < 5000; round++) {
                handOn(here, there, 60 + round % 1000);
                handOn(there, here, 60 + round % 999);
            }
            assertEquals(5000, first.call(() -> here.port.counter(Counter.RX_FRAMES)));
            assertEquals(5000, second.call(() -> there.port.counter(Counter.RX_FRAMES)));
            assertTrue(second.counters().sleeps() > 100, "else nothing was shown");
            first.shutdown();
            second.shutdown();
        }
        handovers.forEach(Handover::close);
    }

    /** A frame that no reactor hands on: its virtio-net header asks for what is not defined. */
    @Test
    void blamesNobodyForAFailureOverAFrameToABrokenPort() throws Exception {
        reactor.shutdown();
        reactor = new Reactor("receiver", 0, slowPath, IdlePolicy.DEFAULT);
        Reactor sender = new Reactor("sender", 1, slowPath, IdlePolicy.DEFAULT); // played by the test's thread
        Handover handover = sender.connect(reactor);
        reactor.start();
        try (Guest broken = new Guest(a.port.network(), PREFIX, 7)) {
            serve(broken);
            broken.offerOutside(false);
            broken.kick.signal();
            await("the port is broken", () -> broken.errors() > 0);
            serve(a);
            serve(b);
            assertForwards();
            HostMemory.fill(handover.append(broken.port, 0, 100), 100, (byte) 0xff);
            handover.publish();
            await("the frame is gone", () -> !handover.isPending());
            assertForwards();
            assertEquals(0, a.errors() + b.errors());
            stop(broken);
            reactor.shutdown();
        }
        sender.shutdown();
        handover.close();
    }

    private static void handOn(Guest from, Guest to, int length) {
        to.post(1, 2000);
        byte[] frame = Frames.udp(from, to.ipv4(), length);
        from.send(frame);
        from.kick.signal();
        List<byte[]> received = new ArrayList<>();
        await("a frame for the other reactor's guest", () -> received.addAll(to.receiveFrames()));
        assertArrayEquals(Frames.forwarded(frame, to), received.getFirst());
        await("the chain comes back", from::isAllTransmitted);
    }

    private static void serve(Guest guest, Reactor by) throws Exception {
        NetDevice device = new NetDevice(guest.port, by, true, GuestPresence.UNNOTICED);
        device.startRing(guest.setup(NetPort.RECEIVE_QUEUE, Features.NET_MRG_RXBUF, true));
        device.startRing(guest.setup(NetPort.TRANSMIT_QUEUE, Features.NET_MRG_RXBUF, true));
    }

    @Test
    void goesOnWithAGuestThatWaitedForItsRateWithoutAKick() throws Exception {
        a.port.limitEgress(0, 1000, TimeUnit.MILLISECONDS.toNanos(1), System::nanoTime); // one frame at once
        serve(a);
        serve(b);
        b.post(100, 2000);
        long startNs = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            a.send(Frames.udp(a, b.ipv4(), 100));
        }
        a.kick.signal();
        List<byte[]> received = new ArrayList<>();
        await("all frames", () -> {
            received.addAll(b.receiveFrames());
            return received.size() == 50;
        });
        assertTrue(System.nanoTime() - startNs >= TimeUnit.MILLISECONDS.toNanos(48), "it kept to its rate");
        assertTrue(reactor.counters().sleeps() > 10, "and the reactor slept in between");
    }

    @Test
    void doesNothingMoreAfterShutdown() {
        reactor.shutdown();
        reactor.shutdown();
        RejectedExecutionException refusal =
                assertThrows(RejectedExecutionException.class, () -> reactor.call(() -> 1));
        assertEquals("reactor-under-test has ended", refusal.getMessage());
    }
}
