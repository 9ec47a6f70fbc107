package io.vireo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A {@code struct msghdr} with one data vector and room for descriptors (recvmsg(2), cmsg(3)), 64-bit layout. */
final class MessageHeader {
    private static final int SIZE = 56;
    private static final int VECTOR_OFFSET = 16;
    private static final int VECTOR_COUNT_OFFSET = 24;
    private static final int CONTROL_OFFSET = 32;
    private static final int CONTROL_LENGTH_OFFSET = 40;
    private static final int FLAGS_OFFSET = 48;

    private static final int CMSG_HEADER_SIZE = 16;
    private static final int CMSG_LEVEL_OFFSET = 8;
    private static final int CMSG_TYPE_OFFSET = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private final MemorySegment header;
    private final MemorySegment data;
    private final MemorySegment control;

    MessageHeader(Arena arena, int dataLength, int descriptors) {
        header = arena.allocate(SIZE, 8);
        data = arena.allocate(dataLength, 8);
        control = arena.allocate(align(CMSG_HEADER_SIZE + descriptors * Integer.BYTES), 8);
        MemorySegment vector = arena.allocate(2L * Long.BYTES, 8);
        vector.set(ValueLayout.ADDRESS, 0, data);
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, dataLength);
        header.set(ValueLayout.ADDRESS, VECTOR_OFFSET, vector);
        header.set(ValueLayout.JAVA_LONG, VECTOR_COUNT_OFFSET, 1);
        if (descriptors > 0) {
            header.set(ValueLayout.ADDRESS, CONTROL_OFFSET, control);
            header.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH_OFFSET, control.byteSize());
        }
    }

    MemorySegment segment() {
        return header;
    }

    MemorySegment data() {
        return data;
    }

    int flags() {
        return header.get(ValueLayout.JAVA_INT, FLAGS_OFFSET);
    }

    void writeDescriptors(List<Fd> fds) {
        control.set(ValueLayout.JAVA_LONG, 0, CMSG_HEADER_SIZE + (long) fds.size() * Integer.BYTES);
        control.set(ValueLayout.JAVA_INT, CMSG_LEVEL_OFFSET, SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, CMSG_TYPE_OFFSET, SCM_RIGHTS);
        for (int i = 0; i < fds.size(); i++) {
            control.set(
                    ValueLayout.JAVA_INT,
                    CMSG_HEADER_SIZE + (long) i * Integer.BYTES,
                    fds.get(i).number());
        }
    }

    void readDescriptors(List<Fd> into) {
        long available = header.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH_OFFSET);
        long position = 0;
        while (position + CMSG_HEADER_SIZE <= available) {
            long length = control.get(ValueLayout.JAVA_LONG, position);
            boolean rights = control.get(ValueLayout.JAVA_INT, position + CMSG_LEVEL_OFFSET) == SOL_SOCKET
                    && control.get(ValueLayout.JAVA_INT, position + CMSG_TYPE_OFFSET) == SCM_RIGHTS;
            long end = Math.min(position + length, available);
            for (long at = position + CMSG_HEADER_SIZE; rights && at + Integer.BYTES <= end; at += Integer.BYTES) {
                into.add(new Fd(control.get(ValueLayout.JAVA_INT, at)));
            }
            position += align(Math.max(length, CMSG_HEADER_SIZE));
        }
    }

    private static long align(long length) {
        return (length + 7) & -8L;
    }
}
