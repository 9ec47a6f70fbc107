package io.vireo.protocols.dhcp;

import io.vireo.protocols.ethernet.MacAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import net.openhft.chronicle.bytes.Bytes;

/**
 * The wire form of a DHCP message (RFC 2131 section 2), big-endian. Stateless.
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
final class DhcpCodec {
    static final int MINIMUM_ENCODED_LENGTH = 300;

    private static final int CHADDR = 28;
    private static final int SNAME = 44;
    private static final int FILE = 108;
    private static final int COOKIE = 236;
    private static final int OPTIONS = 240;

    private static final int HLEN = 6;
    private static final int MAGIC_COOKIE = 0x63825363;
    private static final int OVERLOAD_FILE = 1;
    private static final int OVERLOAD_SNAME = 2;
    private static final int MAXIMUM_OPTION_LENGTH = 255;

    private DhcpCodec() {}

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
                readOptions(message));
    }

    /**
     * All options, those in the fields that option 52 turns into more room for them included (RFC 3396 section 5: in the
     * order options, file, sname). Option 52 itself says how this message is laid out and is not handed on.
     */
    private static Map<Integer, byte[]> readOptions(byte[] message) throws DhcpFormatException {
        Map<Integer, Bytes<byte[]>> options = new LinkedHashMap<>();
        readOptions(message, OPTIONS, message.length, options);
        Bytes<byte[]> overload = options.remove(DhcpOption.OPTION_OVERLOAD);
        if (overload != null) {
            int fields = overload.readRemaining() == 1 ? overload.readUnsignedByte() : 0;
            if (fields < OVERLOAD_FILE || fields > (OVERLOAD_FILE | OVERLOAD_SNAME)) {
                throw new DhcpFormatException("option overload (52) is none of 1, 2 and 3");
            }
            if ((fields & OVERLOAD_FILE) != 0) {
                readOptions(message, FILE, COOKIE, options);
            }
            if ((fields & OVERLOAD_SNAME) != 0) {
                readOptions(message, SNAME, FILE, options);
            }
        }
        Map<Integer, byte[]> values = LinkedHashMap.newLinkedHashMap(options.size());
        options.forEach((code, value) -> values.put(code, value.toByteArray()));
        return values;
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

    static byte[] encode(DhcpMessage message) {
        Bytes<byte[]> out = Bytes.allocateElasticOnHeap(MINIMUM_ENCODED_LENGTH);
        out.writeUnsignedByte(message.op() & 0xFF);
        out.writeUnsignedByte(message.htype() & 0xFF);
        out.writeUnsignedByte(HLEN);
        out.writeUnsignedByte(message.hops() & 0xFF);
        writeInt(out, message.xid());
        writeInt(out, message.secs() << 16 | (message.flags() & 0xFFFF));
        writeInt(out, message.ciaddr());
        writeInt(out, message.yiaddr());
        writeInt(out, message.siaddr());
        writeInt(out, message.giaddr());
        out.write(message.chaddr().toBytes());
        writeZeros(out, COOKIE);
        writeInt(out, MAGIC_COOKIE);
        message.options().forEach((code, value) -> writeOption(out, code, value));
        out.writeUnsignedByte(DhcpOption.END);
        writeZeros(out, MINIMUM_ENCODED_LENGTH);
        return out.toByteArray();
    }

    /** One option, in parts if it is too long for one (RFC 3396 section 7). */
    private static void writeOption(Bytes<byte[]> out, int code, byte[] value) {
        int written = 0;
        do {
            int part = Math.min(value.length - written, MAXIMUM_OPTION_LENGTH);
            out.writeUnsignedByte(code).writeUnsignedByte(part).write(value, written, part);
            written += part;
        } while (written < value.length);
    }

    private static void writeZeros(Bytes<byte[]> out, int upTo) {
        while (out.writePosition() < upTo) {
            out.writeUnsignedByte(0);
        }
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

    private static void writeInt(Bytes<byte[]> out, int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.writeUnsignedByte(value >>> shift & 0xFF);
        }
    }
}
