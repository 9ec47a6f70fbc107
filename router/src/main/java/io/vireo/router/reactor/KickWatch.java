package io.vireo.router.reactor;

import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.TimerFd;
import io.vireo.router.dataplane.PollSet;
import io.vireo.router.uplink.UplinkQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes silent ports active when their guests kick, and active ones silent when they had nothing to do for a while. While
 * the reactor is busy it looks now and then, by the clock; the clock in turn it reads after so much work, so that neither a
 * system call nor a reading of the clock belongs to every turn. By the same readings ports go on whose pauses are over.
 *
 * <p>Confined to the reactor's thread, but for {@link #interrupt}.
 */
final class KickWatch implements AutoCloseable {
    /** How long a guest's first frame after a silence may wait while other guests keep the reactor busy. */
    private static final long LOOK_NS = TimeUnit.MICROSECONDS.toNanos(50);
    /** How long a port without work is polled while others have some: polling costs less than a guest's kick. */
    private static final long LINGER_NS = TimeUnit.MILLISECONDS.toNanos(1);
    /** Frames moved and ports visited between two readings of the clock: 5 to 20 microseconds. */
    private static final int CLOCK_INTERVAL = 256;

    /** Of descriptors that are no port's, and have done their duty once they were reported. */
    private static final long INTERRUPT = -1;

    private static final long UPLINK = -2;

    private final PollSet ports;
    private final Epoll epoll = new Epoll();
    private final EventFd interrupt;
    /** Ends a wait when a port's pause does. */
    private final TimerFd timer;

    private @Nullable UplinkQueue uplink;
    private int sinceClock;
    private long lookedNs;
    private long silencedNs;

    KickWatch(PollSet ports) throws LinuxException {
        this.ports = ports;
        try {
            interrupt = EventFd.create();
        } catch (LinuxException e) {
            epoll.close();
            throw e;
        }
        try {
            timer = new TimerFd();
        } catch (LinuxException e) {
            interrupt.close();
            epoll.close();
            throw e;
        }
        epoll.add(interrupt.fd(), INTERRUPT);
        epoll.add(timer.fd(), INTERRUPT);
    }

    /** @param token of the port whose guest kicks here, if it has a descriptor for that */
    void add(@Nullable Fd kick, long token) {
        try {
            if (kick != null) {
                epoll.add(kick, token);
            }
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
    }

    void remove(@Nullable Fd kick) {
        try {
            if (kick != null) {
                epoll.remove(kick);
            }
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tells the queue, from now on, when it may have packets. */
    void watch(UplinkQueue queue) {
        add(queue.readable(), UPLINK);
        uplink = queue;
    }

    /** Before the queue is closed. */
    void unwatch(UplinkQueue queue) {
        remove(queue.readable());
        uplink = null;
    }

    /**
     * Takes its share of a turn of the loop that moved {@code work} frames.
     *
     * @param adaptive whether ports may become silent; who polls all of them must still be told of the uplink
     */
    void turn(int work, boolean adaptive) throws LinuxException {
        sinceClock += work + ports.activeCount() + 1;
        if (sinceClock < CLOCK_INTERVAL) {
            return;
        }
        sinceClock = 0;
        long nowNs = System.nanoTime();
        if ((ports.hasSilent() || uplink != null) && nowNs - lookedNs >= LOOK_NS) {
            lookedNs = nowNs;
            await(0);
        }
        if (adaptive && nowNs - silencedNs >= LINGER_NS) {
            silencedNs = nowNs;
            ports.silenceIdle();
        }
        ports.resume(nowNs);
    }

    /** Blocks until a guest kicks, a port's pause ends, or {@link #interrupt}. */
    void await() throws LinuxException {
        if (!ports.hasPaused()) {
            await(-1);
            return;
        }
        long remainingNs = ports.pauseNs(System.nanoTime());
        if (remainingNs > 0) {
            timer.expireIn(remainingNs);
            await(-1);
        }
        ports.resume(System.nanoTime());
    }

    private void await(int timeoutMs) throws LinuxException {
        int reported = epoll.await(timeoutMs);
        activate(reported);
        while (Epoll.isFull(reported)) {
            reported = epoll.await(0);
            activate(reported);
        }
    }

    private void activate(int reported) {
        for (int i = 0; i < reported; i++) {
            long tag = epoll.tag(i);
            if (tag == UPLINK && uplink != null) {
                uplink.noteReadable();
            } else {
                ports.kicked(tag);
            }
        }
    }

    /** Ends {@link #await}, from any thread; if none is under way, the next. */
    void interrupt() {
        interrupt.signal();
    }

    @Override
    public void close() {
        epoll.close();
        timer.close();
        interrupt.close();
    }
}
