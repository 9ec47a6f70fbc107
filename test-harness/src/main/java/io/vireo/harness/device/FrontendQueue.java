package io.vireo.harness.device;

import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.LinuxException;
import io.vireo.virtqueue.driver.DriverRing;

/** A ring with what wakes each side: {@code kick} the backend, {@code call} this one. */
final class FrontendQueue implements AutoCloseable {
    final DriverRing ring;
    final EventFd kick;
    final EventFd call;
    private final Epoll epoll;

    FrontendQueue(FrontendMemory memory, int size, long features) throws LinuxException {
        long address = memory.allocate(DriverRing.memorySize(size, features));
        ring = DriverRing.create(address, memory.guestAddress(address), size, features);
        kick = EventFd.create();
        call = EventFd.create();
        epoll = new Epoll();
        epoll.add(call.fd());
        ring.requestInterrupts(false);
    }

    /** Shows the backend what was offered, and kicks it if it asked for that. */
    void publish() {
        if (ring.publish()) {
            kick.signal();
        }
    }

    /** Waits for an interrupt, unless something came back already. @return false once the deadline has passed */
    boolean awaitUsed(long deadlineNs) throws LinuxException {
        while (!ring.requestInterrupts(true)) {
            long leftMs = Math.ceilDiv(deadlineNs - System.nanoTime(), 1_000_000L);
            if (leftMs <= 0) {
                return false;
            }
            epoll.await((int) Math.min(leftMs, Integer.MAX_VALUE));
        }
        ring.requestInterrupts(false);
        return true;
    }

    @Override
    public void close() {
        epoll.close();
        kick.close();
        call.close();
    }
}
