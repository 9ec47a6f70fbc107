package io.vireo.harness.device;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A ring whose buffers the device writes. Each is posted again when its content has been taken. Confined to one thread. */
final class ReceiveQueue {
    private final FrontendMemory memory;
    private final FrontendQueue queue;
    private final DriverRing ring;
    /** The address, in this process, of the buffers posted, by the head of their chain. */
    private final long[] address;

    private final int[] size;

    ReceiveQueue(FrontendMemory memory, FrontendQueue queue) {
        this.memory = memory;
        this.queue = queue;
        ring = queue.ring;
        address = new long[ring.size()];
        size = new int[ring.size()];
    }

    /** Posts one more buffer. */
    void provide(int bytes) {
        offer(memory.allocate(bytes), bytes);
        queue.publish();
    }

    private void offer(long buffer, int bytes) {
        ring.begin();
        ring.add(memory.guestAddress(buffer), bytes, true);
        int head = ring.end();
        address[head] = buffer;
        size[head] = bytes;
    }

    /** @return false if nothing was received within the time */
    boolean await(long timeoutMs) throws IOException {
        return queue.awaitUsed(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    }

    /** The next buffer's content, or null. The buffer itself is shown to the device by {@link #publish}. */
    byte @Nullable [] take() {
        long used = ring.pollUsed();
        if (used == DriverRing.NONE) {
            return null;
        }
        int head = (int) used;
        int length = (int) (used >>> 32);
        if (length > size[head]) {
            throw new IllegalStateException(length + " bytes in a buffer of " + size[head]);
        }
        byte[] content = new byte[length];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, address[head], content, 0, length);
        offer(address[head], size[head]);
        return content;
    }

    void publish() {
        queue.publish();
    }

    /** Takes what was received, unseen. @return how many buffers came back */
    int discard() {
        int count = 0;
        long used = ring.pollUsed();
        while (used != DriverRing.NONE) {
            offer(address[(int) used], size[(int) used]);
            count++;
            used = ring.pollUsed();
        }
        if (count > 0) {
            queue.publish();
        }
        return count;
    }
}
