package io.vireo.vsock.stream;

import io.vireo.hugepages.HostMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of bytes from one thread, its producer, to another, its consumer, which may be the same. Nobody waits here:
 * each end says at which position of the other one it wants to be called.
 *
 * <pre>
 *   producer: stage... commit ──► rings of growing size ──► copyTo, get, consume: consumer
 *             end                                           abandon
 *                              reset: either
 * </pre>
 *
 * <p>Positions count bytes from the beginning. Memory comes with the bytes: a ring that is too small is followed by a larger
 * one, up to the capacity, and is forgotten when it has been read. In a pipe of messages each byte has a mark beside it,
 * which is not zero at a message's last byte.
 */
public final class Pipe {
    private static final int SMALLEST_RING = 4096;
    private static final int GROWTH = 8;
    private static final long NEVER = Long.MAX_VALUE;

    private static final VarHandle PRODUCER_ALARM;
    private static final VarHandle CONSUMER_ALARM;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PRODUCER_ALARM = lookup.findVarHandle(Pipe.class, "producerAlarm", long.class);
            CONSUMER_ALARM = lookup.findVarHandle(Pipe.class, "consumerAlarm", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Bytes {@code base} and on, round and round, up to {@code limit}, where {@code next} begins. */
    private static final class Ring {
        final byte[] data;
        final byte @Nullable [] marks;
        final long base;
        long limit = NEVER;

        @Nullable
        Ring next;

        Ring(int size, long base, boolean messages) {
            data = new byte[size];
            marks = messages ? new byte[size] : null;
            this.base = base;
        }

        int index(long position) {
            return (int) (position - base) & (data.length - 1);
        }
    }

    private final int capacity;
    private final boolean messages;

    // ---- the producer's
    private @Nullable Ring head;
    private int staged;
    private volatile Runnable producer = Pipe::tellNobody;

    // ---- the consumer's
    private @Nullable Ring tail;
    private volatile Runnable consumer = Pipe::tellNobody;

    // ---- both sides'
    private volatile @Nullable Ring first;
    private volatile long produced;
    private volatile long consumed;
    private volatile boolean ended;
    private volatile boolean abandoned;
    private volatile boolean reset;
    private volatile long producerAlarm = NEVER;
    private volatile long consumerAlarm = NEVER;
    private volatile int longestMessage;

    /**
     * @param capacity bytes, a power of two of at least {@value #SMALLEST_RING}
     * @param messages whether the bytes make up messages
     */
    public Pipe(int capacity, boolean messages) {
        if (capacity < SMALLEST_RING || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("a capacity of " + capacity);
        }
        this.capacity = capacity;
        this.messages = messages;
        longestMessage = capacity;
    }

    private static void tellNobody() {}

    public int capacity() {
        return capacity;
    }

    // ---- for the producer

    /** Who is called, by the consumer's thread, when it has come as far as asked, abandoned or reset the pipe. */
    public void producer(Runnable called) {
        producer = called;
    }

    /** Bytes that can still be staged. */
    public int room() {
        return (int) (capacity - (produced + staged - consumed));
    }

    /**
     * Copies bytes from an absolute address behind those staged so far; there must be room. What was staged is to be
     * committed, unless the pipe is reset.
     */
    public void stage(long address, int length) {
        Ring ring = ringFor(length);
        int at = ring.index(produced + staged);
        int contiguous = Math.min(length, ring.data.length - at);
        HostMemory.read(address, ring.data, at, contiguous);
        HostMemory.read(address + contiguous, ring.data, 0, length - contiguous);
        noteStaged(ring, at, length);
    }

    /** As {@link #stage(long, int)}, from an array. */
    public void stage(byte[] from, int offset, int length) {
        Ring ring = ringFor(length);
        int at = ring.index(produced + staged);
        int contiguous = Math.min(length, ring.data.length - at);
        System.arraycopy(from, offset, ring.data, at, contiguous);
        System.arraycopy(from, offset + contiguous, ring.data, 0, length - contiguous);
        noteStaged(ring, at, length);
    }

    private void noteStaged(Ring ring, int at, int length) {
        if (ring.marks != null) {
            int contiguous = Math.min(length, ring.data.length - at);
            Arrays.fill(ring.marks, at, at + contiguous, (byte) 0);
            Arrays.fill(ring.marks, 0, length - contiguous, (byte) 0);
        }
        staged += length;
    }

    /** The ring for that many bytes more: if the last one is too small for them, a larger one, from the next byte on. */
    private Ring ringFor(int length) {
        long position = produced + staged;
        Ring ring = head;
        if (ring != null && position + length - Math.max(consumed, ring.base) <= ring.data.length) {
            return ring;
        }
        int size = ring == null ? SMALLEST_RING : Math.min(capacity, ring.data.length * GROWTH);
        while (size < length) {
            size *= 2;
        }
        Ring larger = new Ring(Math.min(size, capacity), position, messages);
        if (ring == null) {
            first = larger;
        } else {
            ring.next = larger;
            ring.limit = position; // shown to the consumer with the next bytes produced, as all of a ring is
        }
        head = larger;
        return larger;
    }

    /**
     * Shows the consumer what was staged.
     *
     * @param mark of the last byte, not zero where a message ends
     */
    public void commit(int mark) {
        Ring ring = head;
        if (mark != 0 && staged > 0 && ring != null && ring.marks != null) {
            ring.marks[ring.index(produced + staged - 1)] = (byte) mark;
        }
        long position = produced + staged;
        produced = position;
        staged = 0;
        long alarm = consumerAlarm;
        if (position >= alarm && CONSUMER_ALARM.compareAndSet(this, alarm, NEVER)) {
            consumer.run();
        }
    }

    /** No more will come. */
    public void end() {
        if (!ended) {
            ended = true;
            consumer.run();
        }
    }

    /** Calls the producer when {@code bytes} bytes can be staged, or at once if they can. */
    public void awaitRoom(int bytes) {
        awaitConsumed(produced + staged - capacity + bytes);
    }

    /** Calls the producer when the consumer has come to a position, or at once if it has; one time. */
    public void awaitConsumed(long position) {
        producerAlarm = position;
        if (consumed >= position && PRODUCER_ALARM.compareAndSet(this, position, NEVER)) {
            producer.run();
        }
    }

    /** Bytes committed so far. */
    public long produced() {
        return produced;
    }

    public boolean isAbandoned() {
        return abandoned;
    }

    /** The longest message that can be delivered whole where the bytes go: of a longer one the end would never get there. */
    public int longestMessage() {
        return longestMessage;
    }

    // ---- for the consumer

    /** Who is called, by the producer's thread, when there is as much as asked, or no more will come, or there was a reset. */
    public void consumer(Runnable called) {
        consumer = called;
    }

    /** Bytes that can be taken; those of a message that is not complete among them. */
    public int available() {
        return (int) (produced - consumed);
    }

    /** Bytes consumed so far; the producer may ask too. */
    public long consumed() {
        return consumed;
    }

    /** Whether all was taken that will ever come. */
    public boolean isDrained() {
        return ended && produced == consumed; // in this order: nothing is produced once it ended
    }

    /** Whether no more will come than there is. */
    public boolean isEnded() {
        return ended;
    }

    /** Copies the next bytes, which must be available, to an absolute address; consumes nothing. */
    public void copyTo(int offset, long address, int length) {
        long position = consumed + offset;
        long to = address;
        int left = length;
        while (left > 0) {
            Ring ring = ringAt(position);
            int at = ring.index(position);
            int part = contiguous(ring, at, position, left);
            HostMemory.write(ring.data, at, to, part);
            position += part;
            to += part;
            left -= part;
        }
    }

    /** As {@link #copyTo}, to an array. */
    public void copyTo(int offset, byte[] into, int start, int length) {
        long position = consumed + offset;
        int to = start;
        int left = length;
        while (left > 0) {
            Ring ring = ringAt(position);
            int at = ring.index(position);
            int part = contiguous(ring, at, position, left);
            System.arraycopy(ring.data, at, into, to, part);
            position += part;
            to += part;
            left -= part;
        }
    }

    private static int contiguous(Ring ring, int at, long position, int wanted) {
        return (int) Math.min(Math.min(wanted, ring.data.length - at), ring.limit - position);
    }

    /** The ring with a byte that was produced. */
    private Ring ringAt(long position) {
        Ring ring = tail;
        if (ring == null) {
            ring = Objects.requireNonNull(first);
            first = null; // else it would be kept for as long as the pipe
            tail = ring;
        }
        while (position >= ring.limit) {
            ring = Objects.requireNonNull(ring.next);
        }
        return ring;
    }

    /** Bytes up to the end of the next message, which may be more than are available: then 0. At most {@code limit} count. */
    public int messageLength(int limit) {
        long position = consumed;
        int seen = 0;
        int all = Math.min(available(), limit);
        while (seen < all) {
            Ring ring = ringAt(position + seen);
            int at = ring.index(position + seen);
            int part = contiguous(ring, at, position + seen, all - seen);
            byte[] marks = Objects.requireNonNull(ring.marks);
            for (int i = 0; i < part; i++) {
                if (marks[at + i] != 0) {
                    return seen + i + 1;
                }
            }
            seen += part;
        }
        return 0;
    }

    /** The mark of the byte at an offset from the next one, which must be available. */
    public int mark(int offset) {
        long position = consumed + offset;
        Ring ring = ringAt(position);
        return Objects.requireNonNull(ring.marks)[ring.index(position)];
    }

    /** Gives room for as many bytes to the producer. */
    public void consume(int length) {
        long position = consumed + length;
        Ring ring = tail;
        if (length > 0 && ring != null && position >= ring.limit) {
            tail = position < produced ? ringAt(position) : ring; // its next may not be there to be seen yet
        }
        consumed = position;
        long alarm = producerAlarm;
        if (position >= alarm && PRODUCER_ALARM.compareAndSet(this, alarm, NEVER)) {
            producer.run();
        }
    }

    /** Nothing more will be taken. */
    public void abandon() {
        if (!abandoned) {
            abandoned = true;
            producer.run();
        }
    }

    /** Says how long a message may be, the {@link #capacity} at most; the producer is called if that is news. */
    public void longestMessage(int bytes) {
        int bounded = Math.min(bytes, capacity);
        if (longestMessage != bounded) {
            longestMessage = bounded;
            producer.run();
        }
    }

    /** Calls the consumer when {@code bytes} bytes are available, or at once if they are; one time. */
    public void awaitAvailable(int bytes) {
        long position = consumed + bytes;
        consumerAlarm = position;
        if (produced >= position && CONSUMER_ALARM.compareAndSet(this, position, NEVER)) {
            consumer.run();
        }
    }

    // ---- for either

    /** The connection is no more; what was produced can still be taken. */
    public void reset() {
        if (!reset) {
            reset = true;
            producer.run();
            consumer.run();
        }
    }

    public boolean isReset() {
        return reset;
    }
}
