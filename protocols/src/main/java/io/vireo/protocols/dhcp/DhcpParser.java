package io.vireo.protocols.dhcp;

import io.vireo.protocols.ethernet.MacAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import net.openhft.chronicle.bytes.Bytes;

/**
 * Reads the wire form of a DHCP message (RFC 2131 section 2), big-endian. Stateless.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     op (1)    |   htype (1)   |   hlen (1)    |   hops (1)    |
 * +---------------+---------------+---------------+---------------+
 * |                            xid (4)                            |
 * +-------------------------------+-------------------------------+
 * |           secs (2)            |           flags (2)           |
 * +-------------------------------+-------------------------------+
 * |                          ciaddr  (4)                          |
 * +---------------------------------------------------------------+
 * |                          yiaddr  (4)                          |
 * +---------------------------------------------------------------+
 * |                          siaddr  (4)                          |
 * +---------------------------------------------------------------+
 * |                          giaddr  (4)                          |
 * +---------------------------------------------------------------+
 * |                          chaddr  (16)                         |
 * +---------------------------------------------------------------+
 * |                          sname   (64)                         |
 * +---------------------------------------------------------------+
 * |                          file    (128)                        |
 * +---------------------------------------------------------------+
 * |                   magic cookie 63 82 53 63                    |
 * +---------------------------------------------------------------+
 * |                   options (code, length, value)* 255          |
 * +---------------------------------------------------------------+
 * </pre>
 */
final class DhcpParser {
    static final int CHADDR = 28;
    static final int SNAME = 44;
    static final int FILE = 108;
    static final int COOKIE = 236;
    static final int OPTIONS = 240;

    static final int HLEN = 6;
    static final int MAGIC_COOKIE = 0x63825363;
    static final int OVERLOAD_FILE = 1;
    static final int OVERLOAD_SNAME = 2;

    private DhcpParser() {}

    static DhcpMessage parse(byte[] message) throws DhcpFormatException {
        if (message.length < OPTIONS) {
            throw new DhcpFormatException(
                    "message of %d bytes ends before its options at byte %d".formatted(message.length, OPTIONS));
        }
        Bytes<byte[]> in = Bytes.wrapForRead(message);
        int op = in.readUnsignedByte();
        int htype = in.readUnsignedByte();
        int hlen = in.readUnsignedByte();
        if (hlen != HLEN) {
            throw new DhcpFormatException("hlen at byte 2 is %d, not %d".formatted(hlen, HLEN));
        }
        int hops = in.readUnsignedByte();
        int xid = readInt(in);
        int secs = readShort(in);
        int flags = readShort(in);
        int ciaddr = readInt(in);
        int yiaddr = readInt(in);
        int siaddr = readInt(in);
        int giaddr = readInt(in);
        byte[] chaddr = new byte[HLEN];
        in.readPosition(CHADDR).read(chaddr);
        int cookie = readInt(in.readPosition(COOKIE));
        if (cookie != MAGIC_COOKIE) {
            throw new DhcpFormatException("magic cookie at byte %d is %08x".formatted(COOKIE, cookie));
        }
        Map<Integer, Bytes<byte[]>> options = new LinkedHashMap<>();
        int overload = readOptions(message, options);
        return new DhcpMessage(
                op,
                htype,
                hops,
                xid,
                secs,
                flags,
                ciaddr,
                yiaddr,
                siaddr,
                giaddr,
                MacAddress.of(chaddr),
                (overload & OVERLOAD_SNAME) != 0 ? "" : text(message, SNAME, FILE),
                (overload & OVERLOAD_FILE) != 0 ? "" : text(message, FILE, COOKIE),
                values(options));
    }

    /**
     * All options, those in the fields that option 52 turns into more room for them included (RFC 3396 section 5: in the
     * order options, file, sname). Option 52 itself says how this message is laid out and is not handed on; one inside an
     * overloaded field has no meaning, and sends nobody anywhere.
     *
     * @return which fields hold options: {@link #OVERLOAD_FILE}, {@link #OVERLOAD_SNAME}, both or none
     */
    private static int readOptions(byte[] message, Map<Integer, Bytes<byte[]>> into) throws DhcpFormatException {
        readOptions(message, OPTIONS, message.length, into);
        Bytes<byte[]> overload = into.remove(DhcpOption.OPTION_OVERLOAD);
        if (overload == null) {
            return 0;
        }
        int fields = overload.readRemaining() == 1 ? overload.readUnsignedByte() : 0;
        if (fields < OVERLOAD_FILE || fields > (OVERLOAD_FILE | OVERLOAD_SNAME)) {
            throw new DhcpFormatException("option overload (52) is none of 1, 2 and 3");
        }
        if ((fields & OVERLOAD_FILE) != 0) {
            readOptions(message, FILE, COOKIE, into);
        }
        if ((fields & OVERLOAD_SNAME) != 0) {
            readOptions(message, SNAME, FILE, into);
        }
        into.remove(DhcpOption.OPTION_OVERLOAD);
        return fields;
    }

    /** Reads options up to END; one that comes in parts is put together again (RFC 3396). */
    private static void readOptions(byte[] message, int start, int limit, Map<Integer, Bytes<byte[]>> into)
            throws DhcpFormatException {
        Bytes<byte[]> in = Bytes.wrapForRead(message).readLimit(limit).readPosition(start);
        while (in.readRemaining() > 0) {
            int position = (int) in.readPosition();
            int code = in.readUnsignedByte();
            if (code == DhcpOption.PAD) {
                continue;
            }
            if (code == DhcpOption.END) {
                return;
            }
            if (in.readRemaining() == 0) {
                throw new DhcpFormatException("option %d at byte %d has no length".formatted(code, position));
            }
            int length = in.readUnsignedByte();
            if (length > in.readRemaining()) {
                throw new DhcpFormatException("option %d at byte %d is %d bytes long, but %d are left"
                        .formatted(code, position, length, in.readRemaining()));
            }
            byte[] value = new byte[length];
            in.read(value);
            into.computeIfAbsent(code, _ -> Bytes.allocateElasticOnHeap()).write(value);
        }
        throw new DhcpFormatException("options from byte %d to byte %d have no end option".formatted(start, limit));
    }

    private static Map<Integer, byte[]> values(Map<Integer, Bytes<byte[]>> options) {
        Map<Integer, byte[]> values = LinkedHashMap.newLinkedHashMap(options.size());
        options.forEach((code, value) -> values.put(code, value.toByteArray()));
        return values;
    }

    /** The bytes of a field up to its first zero, one character each. */
    private static String text(byte[] message, int start, int limit) {
        int end = start;
        while (end < limit && message[end] != 0) {
            end++;
        }
        return new String(message, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** Byte by byte, as {@code Bytes} itself reads in the host's order. */
    private static int readShort(Bytes<byte[]> in) {
        int high = in.readUnsignedByte();
        return high << 8 | in.readUnsignedByte();
    }

    private static int readInt(Bytes<byte[]> in) {
        int high = readShort(in);
        return high << 16 | readShort(in);
    }
}
