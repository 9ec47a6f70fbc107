package io.vireo.vsock.endpoint;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.vsock.VsockType;
import io.vireo.vsock.stream.Pipe;

/** The service's ends of a connection's pipes: what it writes, and what it reads, are bytes that count up. */
final class Link {
    /** One that leads nowhere. */
    static final Link NONE = new Link(new Pipe(4096, false), new Pipe(4096, false), VsockType.STREAM, 0);

    final Pipe from;
    final Pipe to;
    private final VsockType type;
    private long expected;
    private long written;

    /** Bytes that were sent to the guest. */
    long sent;

    /** Up to where the guest has ever allowed to send. */
    long granted;

    /** @param expected what the guest's next byte counts */
    Link(Connection connection, long expected) {
        this(connection.newPipe(), connection.newPipe(), connection.type(), expected);
    }

    private Link(Pipe from, Pipe to, VsockType type, long expected) {
        this.from = from;
        this.to = to;
        this.type = type;
        this.expected = expected;
    }

    void read(int most) {
        int count = Math.min(most, from.available());
        byte[] bytes = new byte[count];
        from.copyTo(0, bytes, 0, count);
        for (byte value : bytes) {
            claim(value == (byte) expected++, "what the guest sent, in order and once");
        }
        from.consume(count);
    }

    /** A message, where there are messages. */
    void write(int most) {
        boolean messages = type == VsockType.SEQPACKET;
        int room = messages ? Math.min(to.room(), to.longestMessage()) : to.room();
        int count = Math.min(most, room);
        if (count <= 0 || to.isAbandoned() || to.isReset() || to.isEnded()) {
            return;
        }
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) written++;
        }
        to.stage(bytes, 0, count);
        to.commit(messages ? 1 : 0);
    }

    /** The next bytes of the pipe went to the guest. */
    void sent(Pipe pipe, int length) {
        claim(pipe == to, "the connection's own pipe");
        byte[] bytes = new byte[length];
        pipe.copyTo(0, bytes, 0, length);
        for (byte value : bytes) {
            claim(value == (byte) sent++, "what was written, in order and once");
        }
        claim(sent <= granted, "more than the guest has room for");
    }
}
