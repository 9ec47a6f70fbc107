package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.linux.UdpReceiver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that reads datagrams from a UDP socket. What finds no room in the socket's buffer is lost, and not counted. */
final class Receiver implements Destination, AutoCloseable {
    /** Some ten milliseconds' worth, for when the thread does not get its CPU at once. */
    private static final int BUFFER = 64 << 20;

    /** While it sleeps, nobody has to wake it for each datagram. */
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(200);

    private static final Path SELF = Path.of("/proc/thread-self");

    /** Before the sender, with which it shares a CPU. */
    private static final int NICE = -20;

    private final UdpReceiver socket;
    private final Thread thread = Thread.ofPlatform().name("receiver").unstarted(this::run);
    private final LongAdder datagrams = new LongAdder();
    private volatile boolean ending;
    private volatile @Nullable IOException failure;

    private Receiver(UdpReceiver socket) {
        this.socket = socket;
    }

    /**
     * Listens in the namespace of the calling thread.
     *
     * @param merged whether the socket takes what came merged as it is
     */
    static Receiver start(Cleanup cleanup, boolean merged) throws IOException {
        Receiver receiver = new Receiver(UdpReceiver.open(PORT, BUFFER, merged));
        receiver.thread.start();
        return cleanup.own(receiver);
    }

    private void run() {
        try {
            Tool.renice(Long.parseLong(SELF.toRealPath().getFileName().toString()), NICE);
            while (!ending) {
                int received = socket.receive();
                datagrams.add(received);
                if (received == 0) {
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    @Override
    public long datagrams() throws IOException {
        IOException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        return datagrams.sum();
    }

    @Override
    public void end() {
        ending = true;
    }

    @Override
    public void close() throws InterruptedException {
        ending = true;
        thread.join();
        socket.close();
    }
}
