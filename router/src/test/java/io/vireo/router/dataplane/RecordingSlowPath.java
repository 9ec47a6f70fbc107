package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.RingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what the data plane hands over; takes nothing once {@link #full}. */
public final class RecordingSlowPath implements SlowPath, AutoCloseable {
    record Punt(NetPort port, byte[] frame) {}

    record Spoof(NetPort port, long mac) {}

    record Broken(NetPort port, RingFault fault) {}

    final List<Punt> punts = new ArrayList<>();
    final List<Spoof> spoofs = new ArrayList<>();
    final List<Broken> broken = new ArrayList<>();
    boolean full;
    private @Nullable Error failure;

    private final SharedMemory scratch;
    private final BufferWriter writer = new BufferWriter();

    public RecordingSlowPath() throws LinuxException {
        scratch = SharedMemory.allocate("punts", 1 << 16, false);
    }

    /** The next punt fails. */
    public void fail(Error reason) {
        failure = reason;
    }

    @Override
    public boolean punt(NetPort port, FrameBatch batch, int frame) {
        if (full) {
            return false;
        }
        Error next = failure;
        if (next != null) {
            failure = null;
            throw next;
        }
        batch.append(frame, writer.into(scratch.address()));
        byte[] bytes = new byte[batch.length(frame)];
        long start = scratch.address() + VirtioNetHeader.SIZE;
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, start, bytes, 0, bytes.length);
        punts.add(new Punt(port, bytes));
        return true;
    }

    @Override
    public boolean spoofedMac(NetPort port, long mac) {
        return !full && spoofs.add(new Spoof(port, mac));
    }

    @Override
    public void portBroken(NetPort port, RingFault fault) {
        broken.add(new Broken(port, fault));
    }

    @Override
    public void close() {
        scratch.close();
    }
}
