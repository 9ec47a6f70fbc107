package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertNull;

import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.UdpDatagram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two guests that nobody attacks. On a thread of its own the first sends the second 100 datagrams a second, on a timetable that
 * waits for nothing, and looks whether each arrives, in order, within 100 ms of its sending. What others do meanwhile must not
 * be seen here: {@link #assertUnharmed} after each of their deeds.
 */
final class Bystanders implements AutoCloseable {
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_WAY_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** So that a thread that is held up for a second loses nothing. */
    private static final int BUFFERS = 100;

    /** So many more must come after what is judged, so that what it left behind is seen too. */
    private static final int AFTERWARDS = 2;

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

    private final TestGuest sender;
    private final TestGuest receiver;
    private final Thread thread;
    private volatile boolean closing;

    // What the thread has seen; guarded by this.
    private int arrived;
    private @Nullable String trouble;

    private Bystanders(TestGuest sender, TestGuest receiver) {
        this.sender = sender;
        this.receiver = receiver;
        thread = new Thread(this::run, "bystanders");
        thread.setDaemon(true);
    }

    /** Attaches the two, which are of the same network, and has them talk from now on. */
    static Bystanders start(TestRouter router, int from, int to) throws Exception {
        TestGuest sender = TestGuest.attach(router, from);
        try {
            TestGuest receiver = TestGuest.attach(router, to);
            receiver.post(BUFFERS, TestGuest.BUFFER_SIZE);
            Bystanders both = new Bystanders(sender, receiver);
            both.thread.start();
            both.await(AFTERWARDS);
            both.forget(); // the first frames, through code that was not compiled yet
            return both;
        } catch (Exception e) {
            sender.close();
            throw e;
        }
    }

    /**
     * Every datagram since the last call has arrived within its time, and more have after it.
     *
     * @throws AssertionError if one was lost, late or damaged; the next call judges what comes after this one
     */
    void assertUnharmed() throws InterruptedException {
        await(AFTERWARDS);
        String what = forget();
        assertNull(what, "guests that nobody attacked");
    }

    private synchronized @Nullable String forget() {
        String what = trouble;
        trouble = null;
        return what;
    }

    private synchronized void await(int more) throws InterruptedException {
        int wanted = arrived + more;
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (arrived < wanted && trouble == null) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
            if (leftMs <= 0) {
                report("nothing arrives any more");
                return;
            }
            wait(leftMs);
        }
    }

    private void run() {
        try {
            talk();
        } catch (IOException | RuntimeException e) {
            report(e.toString());
        }
    }

    private void talk() throws IOException {
        long nextNs = System.nanoTime();
        int sent = 0;
        int expected = 0;
        while (!closing) {
            long nowNs = System.nanoTime();
            if (nowNs - nextNs >= 0) {
                ByteBuffer payload = ByteBuffer.allocate(Integer.BYTES + Long.BYTES);
                sender.send(sender.datagramTo(
                        receiver, payload.putInt(sent).putLong(nowNs).array()));
                sent++;
                nextNs += INTERVAL_NS;
            } else if (receiver.device().waitForRx(TimeUnit.NANOSECONDS.toMillis(nextNs - nowNs))) {
                expected = look(receiver.device().recvPacket(), expected);
            }
        }
    }

    /** @return the number of the datagram that is to come next */
    private int look(Optional<byte[]> packet, int expected) {
        Optional<UdpDatagram> datagram = packet.flatMap(Packets::parseUdp);
        if (datagram.isEmpty()) {
            return expected; // a router advertisement, say
        }
        ByteBuffer payload = ByteBuffer.wrap(datagram.get().payload().toBytes());
        int number = payload.getInt();
        if (number != expected) {
            report("datagram %d came where %d was due".formatted(number, expected));
        }
        long wayNs = System.nanoTime() - payload.getLong();
        if (wayNs > LONGEST_WAY_NS) {
            report("datagram %d took %d ms".formatted(number, TimeUnit.NANOSECONDS.toMillis(wayNs)));
        }
        arrived();
        return number + 1;
    }

    private synchronized void arrived() {
        arrived++;
        notifyAll();
    }

    private synchronized void report(String what) {
        if (trouble == null) {
            trouble = what;
        }
        notifyAll();
    }

    /** Whose device a test may do to what makes its datagrams be lost or late. */
    TestGuest sender() {
        return sender;
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
        sender.close();
        receiver.close();
    }
}
