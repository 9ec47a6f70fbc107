package io.vireo.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A message of netlink(7): a header of 16 bytes, then a body that begins at a multiple of four. All in the byte order of this
 * machine.
 *
 * <pre>
 *   0              4       6       8                12               16
 *   | length (u32) | type  | flags | sequence (u32) | port id (u32)  | body ...
 * </pre>
 *
 * @param port who asked for it, 0 the kernel itself
 * @param body all bytes behind the header
 */
record NetlinkMessage(int type, int flags, int sequence, int port, ByteBuffer body) {
    static final int HEADER_SIZE = 16;

    static final int ERROR = 2;
    static final int DONE = 3;
    static final int NEW_LINK = 16;
    static final int DELETE_LINK = 17;
    static final int GET_LINK = 18;
    static final int NEW_ADDRESS = 20;
    static final int DELETE_ADDRESS = 21;
    static final int NEW_ROUTE = 24;
    static final int DELETE_ROUTE = 25;
    static final int GET_ROUTE = 26;

    static final int REQUEST = 1;
    static final int ACKNOWLEDGE = 4;
    /** Something changed while the kernel was listing: an entry may be missing, or there twice. */
    static final int INTERRUPTED = 0x10;

    static final int DUMP = 0x300;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;
    /** Of an error: it repeats the request's header alone, not its body. */
    static final int CAPPED = 0x100;

    private static final int ALIGNMENT = 4;

    // An error's body (struct nlmsgerr): a negative errno, the request's header, and its body too unless CAPPED
    private static final int ERROR_SIZE = Integer.BYTES;
    private static final int ERROR_TEXT = 1;

    /** @throws LinuxException with EBADMSG if a length is not within the bytes there are */
    static List<NetlinkMessage> parse(ByteBuffer bytes) throws LinuxException {
        List<NetlinkMessage> messages = new ArrayList<>();
        int at = 0;
        while (bytes.limit() - at >= HEADER_SIZE) {
            int length = bytes.getInt(at);
            if (length < HEADER_SIZE || length > bytes.limit() - at) {
                throw malformed("a message of " + length + " bytes");
            }
            messages.add(new NetlinkMessage(
                    Short.toUnsignedInt(bytes.getShort(at + 4)),
                    Short.toUnsignedInt(bytes.getShort(at + 6)),
                    bytes.getInt(at + 8),
                    bytes.getInt(at + 12),
                    slice(bytes, at + HEADER_SIZE, length - HEADER_SIZE)));
            at = Math.min(at + align(length), bytes.limit());
        }
        if (at != bytes.limit()) {
            throw malformed((bytes.limit() - at) + " bytes behind the last message");
        }
        return messages;
    }

    static ByteBuffer slice(ByteBuffer bytes, int offset, int length) {
        return bytes.slice(offset, length).order(ByteOrder.nativeOrder());
    }

    static int align(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static LinuxException malformed(String what) {
        return new LinuxException("netlink: " + what, Errno.EBADMSG);
    }

    /** The body's first {@code size} bytes are there. */
    void requireBody(int size) throws LinuxException {
        if (body.limit() < size) {
            throw malformed("message %d with a body of %d bytes".formatted(type, body.limit()));
        }
    }

    /** What follows the {@code header} bytes that begin the body. @throws LinuxException with EBADMSG */
    List<NetlinkAttribute> attributes(int header) throws LinuxException {
        requireBody(header);
        int at = Math.min(align(header), body.limit());
        return NetlinkAttribute.parse(slice(body, at, body.limit() - at));
    }

    // ---- the last message of an answer

    /** Whether it ends the answer to a request. */
    boolean isLast() {
        return type == ERROR || type == DONE;
    }

    /** Of a last message: why the request was refused, or 0. */
    int errno() throws LinuxException {
        requireBody(ERROR_SIZE);
        return -body.getInt(0);
    }

    /** Of a last message: what the kernel has to say about it, in brackets, or nothing. */
    String reason() throws LinuxException {
        int header = ERROR_SIZE;
        if (type == ERROR) {
            requireBody(ERROR_SIZE + HEADER_SIZE);
            int request = (flags & CAPPED) != 0 ? HEADER_SIZE : body.getInt(ERROR_SIZE);
            if (request < HEADER_SIZE || request > body.limit() - ERROR_SIZE) {
                throw malformed("an error about a message of " + request + " bytes");
            }
            header += request;
        }
        for (NetlinkAttribute attribute : attributes(header)) {
            if (attribute.type() == ERROR_TEXT) {
                return " (" + attribute.text() + ")";
            }
        }
        return "";
    }
}
