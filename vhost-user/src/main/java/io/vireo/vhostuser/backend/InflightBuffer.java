package io.vireo.vhostuser.backend;

import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolViolation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A file in which a back end tells its successor what chains it has taken and not completed (vhost-user, "Inflight I/O
 * tracking"). One queue after the other, each aligned to 64 bytes as other back ends do:
 *
 * <pre>
 *  split:   0 features u64 | 8 version u16 | 10 entries u16 | 12 last_batch_head u16 | 14 used_idx u16 | 16 entries of 16
 *  packed:  0 features u64 | 8 version u16 | 10 entries u16 | 12 free_head u16 | 14 old_free_head u16 | 16 used_idx u16
 *           18 old_used_idx u16 | 20 used_wrap u8 | 21 old_used_wrap u8 | 32 entries of 32, at 2 in each: next free u16
 * </pre>
 *
 * <p>Chains are completed in order here, so none is ever in flight that the ring itself does not tell of: no entry is written
 * after the beginning, and nothing at all while a ring runs. A split ring's {@code used_idx} may lag behind the ring, which the
 * specification provides for. A packed ring's position may not: while the ring runs its part says that it is not initialised.
 *
 * <p>It is written, never mapped: whoever shares the file may cut it at any time.
 */
final class InflightBuffer implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    private static final int SPLIT_HEADER = 16;
    private static final int SPLIT_ENTRY = 16;
    private static final int PACKED_HEADER = 32;
    private static final int PACKED_ENTRY = 32;
    private static final int VERSION_OFFSET = 8;
    private static final short VERSION = 1;
    private static final int NEXT_FREE_OFFSET = 2;
    private static final int WRAP_BIT = 15;
    private static final int INDEX_MASK = (1 << WRAP_BIT) - 1;

    private final Fd file;
    private final Payload.Inflight place;
    private final boolean packed;

    private InflightBuffer(Fd file, Payload.Inflight place, boolean packed) {
        this.file = file;
        this.place = place;
        this.packed = packed;
    }

    /** A new one, for rings that have not run yet. */
    static InflightBuffer allocate(int queues, int queueSize, boolean packed) throws LinuxException {
        long size = queues * queueBytes(queueSize, packed);
        Fd file = Memory.memfdCreate("vhost-inflight", false);
        try {
            Memory.truncate(file, size);
            Payload.Inflight place = new Payload.Inflight(size, 0, queues, queueSize);
            InflightBuffer buffer = new InflightBuffer(file, place, packed);
            for (int queue = 0; queue < queues; queue++) {
                buffer.initialize(queue);
            }
            return buffer;
        } catch (LinuxException e) {
            file.close();
            throw e;
        }
    }

    /**
     * One that a back end before this one has left behind.
     *
     * @param file becomes the buffer's own, unless this fails
     */
    static InflightBuffer adopt(Payload.Inflight place, Fd file, boolean packed)
            throws ProtocolViolation, LinuxException {
        FileStatus status = FileStatus.of(file);
        if (status.kind() != FileStatus.Kind.REGULAR || !status.inMemory()) {
            throw new ProtocolViolation("SET_INFLIGHT_FD with a descriptor that is no shared memory");
        }
        long needed = place.queues() * queueBytes(place.queueSize(), packed);
        if (place.size() < needed) {
            throw new ProtocolViolation("SET_INFLIGHT_FD of %s bytes, %d are needed"
                    .formatted(Long.toUnsignedString(place.size()), needed));
        }
        if (place.offset() < 0 || place.size() > status.size() || place.offset() > status.size() - place.size()) {
            throw new ProtocolViolation("SET_INFLIGHT_FD of %d bytes at %s of a file of %d bytes"
                    .formatted(place.size(), Long.toUnsignedString(place.offset()), status.size()));
        }
        return new InflightBuffer(file, place, packed);
    }

    private static long queueBytes(int queueSize, boolean packed) {
        long bytes = packed
                ? PACKED_HEADER + (long) PACKED_ENTRY * queueSize
                : SPLIT_HEADER + (long) SPLIT_ENTRY * queueSize;
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    boolean isFor(Payload.Inflight wanted, boolean wantedPacked) {
        return wanted.queues() == place.queues() && wanted.queueSize() == place.queueSize() && wantedPacked == packed;
    }

    /** To be handed out; it stays this object's. */
    Fd file() {
        return file;
    }

    Payload.Inflight place() {
        return place;
    }

    private void initialize(int queue) throws LinuxException {
        ByteBuffer all = buffer((int) queueBytes(place.queueSize(), packed));
        all.putShort(VERSION_OFFSET, packed ? 0 : VERSION).putShort(VERSION_OFFSET + 2, (short) place.queueSize());
        for (int i = 0; packed && i < place.queueSize() - 1; i++) {
            all.putShort(PACKED_HEADER + i * PACKED_ENTRY + NEXT_FREE_OFFSET, (short) (i + 1));
        }
        write(queue, 0, all);
    }

    /** Before a ring is served. */
    void started(int queue) throws LinuxException {
        if (packed && queue < place.queues()) {
            write(queue, VERSION_OFFSET, buffer(Short.BYTES));
        }
    }

    /**
     * After a ring was served: all that it took is completed.
     *
     * @param base where it stands, as {@link RingSetup#base} says it
     */
    void stopped(int queue, int base) throws LinuxException {
        if (queue >= place.queues()) {
            return;
        }
        short entries = (short) place.queueSize();
        if (!packed) {
            ByteBuffer header = buffer(SPLIT_HEADER - VERSION_OFFSET);
            write(
                    queue,
                    VERSION_OFFSET,
                    header.putShort(VERSION)
                            .putShort(entries)
                            .putShort((short) 0)
                            .putShort((short) base));
            return;
        }
        short used = (short) ((base >>> 16) & INDEX_MASK);
        byte wrap = (byte) (base >>> (16 + WRAP_BIT));
        ByteBuffer header = buffer(PACKED_HEADER - VERSION_OFFSET);
        header.putShort(VERSION).putShort(entries).putShort((short) 0).putShort((short) 0);
        write(
                queue,
                VERSION_OFFSET,
                header.putShort(used).putShort(used).put(wrap).put(wrap));
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(int queue, int at, ByteBuffer bytes) throws LinuxException {
        long start = place.offset() + queue * queueBytes(place.queueSize(), packed);
        byte[] content = new byte[bytes.capacity()];
        bytes.get(0, content);
        Memory.write(file, start + at, content);
    }

    @Override
    public void close() {
        file.close();
    }
}
