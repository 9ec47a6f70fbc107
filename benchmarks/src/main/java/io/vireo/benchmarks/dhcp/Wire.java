package io.vireo.benchmarks.dhcp;

import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.Tap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries frames between two taps, on a thread of its own. Owns and closes both. */
final class Wire implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);
    private static final int LONGEST_FRAME = 65_536 + 18;
    private static final int BURST = 32;

    private final Tap one;
    private final Tap other;
    private final EventFd stop;
    private final Thread thread;
    private volatile boolean stopping;

    Wire(Tap one, Tap other) throws IOException {
        this.one = one;
        this.other = other;
        stop = EventFd.create();
        thread = Thread.ofPlatform().name("wire").daemon().start(this::run);
    }

    private void run() {
        try (Epoll epoll = new Epoll();
                Arena arena = Arena.ofConfined()) {
            epoll.add(one.fd());
            epoll.add(other.fd());
            epoll.add(stop.fd());
            MemorySegment buffer = arena.allocate(LONGEST_FRAME);
            while (!stopping) {
                boolean there = carry(one, other, buffer);
                boolean back = carry(other, one, buffer);
                if (!there && !back) {
                    epoll.await(-1); // both were read until they were empty, so the next frame is an event
                }
            }
        } catch (IOException e) {
            LOG.error("the wire broke", e);
        }
    }

    /** @return whether there was anything, and may be more */
    private static boolean carry(Tap from, Tap to, MemorySegment buffer) throws IOException {
        for (int i = 0; i < BURST; i++) {
            int length = from.read(buffer);
            if (length == Tap.NONE) {
                return i > 0;
            }
            to.write(buffer.asSlice(0, length));
        }
        return true;
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        stop.signal();
        thread.join();
        stop.close();
        one.close();
        other.close();
    }
}
