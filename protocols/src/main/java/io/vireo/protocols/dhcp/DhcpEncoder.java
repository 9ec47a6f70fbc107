package io.vireo.protocols.dhcp;

import io.vireo.protocols.NetworkOrder;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;

/**
 * Writes the wire form that {@link DhcpParser} draws.
 *
 * <p>An option goes whole into the first area with room for it: the options field, else {@code file}, else {@code sname}
 * (RFC 2132 section 9.3; every client must read them, RFC 2131 section 4.1). Never a part of one: clients that do not put
 * parts of different fields together again would take a piece for the whole. ISC's server and dnsmasq use the fields
 * likewise; so that a large answer reaches firmware which takes 576 bytes and says nothing of more.
 */
final class DhcpEncoder {
    static final int MINIMUM_LENGTH = 300;

    private static final int MAXIMUM_OPTION_LENGTH = 255;
    private static final int END_LENGTH = 1;
    private static final int OVERLOAD_LENGTH = 3;

    /** A place for options, filled from the front. */
    private static final class Area {
        private final int capacity;
        private final List<byte[]> options = new ArrayList<>();
        private int length;

        /** @param capacity bytes, the end option not counted; below 0 for no place at all */
        Area(int capacity) {
            this.capacity = capacity;
        }

        boolean tryAdd(byte[] option) {
            if (option.length > capacity - length) {
                return false;
            }
            add(option);
            return true;
        }

        void add(byte[] option) {
            options.add(option);
            length += option.length;
        }

        boolean isEmpty() {
            return options.isEmpty();
        }

        void write(byte[] wire, int at) {
            int next = at;
            for (byte[] option : options) {
                System.arraycopy(option, 0, wire, next, option.length);
                next += option.length;
            }
            wire[next] = (byte) DhcpOption.END;
        }
    }

    private DhcpEncoder() {}

    static byte[] encode(DhcpMessage message, int maximum) {
        List<byte[]> options = new ArrayList<>();
        message.options().forEach((code, value) -> options.add(option(code, value)));
        int room = maximum - DhcpParser.OPTIONS - END_LENGTH;
        int file = message.file().isEmpty() ? DhcpParser.COOKIE - DhcpParser.FILE - END_LENGTH : -1;
        int sname = message.sname().isEmpty() ? DhcpParser.FILE - DhcpParser.SNAME - END_LENGTH : -1;
        boolean fits = options.stream().mapToInt(option -> option.length).sum() <= room;
        if (fits || (file < 0 && sname < 0)) {
            return write(message, fill(options, new Area(room), new Area(-1), new Area(-1)));
        }
        return write(message, fill(options, new Area(room - OVERLOAD_LENGTH), new Area(file), new Area(sname)));
    }

    /** Spreads the options over options field, file and sname; those that no area has room for are left out. */
    private static List<Area> fill(List<byte[]> options, Area main, Area file, Area sname) {
        List<Area> areas = List.of(main, file, sname);
        for (byte[] option : options) {
            Iterator<Area> next = areas.iterator();
            boolean placed = false;
            while (!placed && next.hasNext()) {
                placed = next.next().tryAdd(option);
            }
        }
        int overload =
                (file.isEmpty() ? 0 : DhcpParser.OVERLOAD_FILE) | (sname.isEmpty() ? 0 : DhcpParser.OVERLOAD_SNAME);
        if (overload != 0) {
            main.add(option(DhcpOption.OPTION_OVERLOAD, new byte[] {(byte) overload}));
        }
        return areas;
    }

    private static byte[] write(DhcpMessage message, List<Area> areas) {
        Area main = areas.get(0);
        byte[] wire = new byte[Math.max(MINIMUM_LENGTH, DhcpParser.OPTIONS + main.length + END_LENGTH)];
        writeFixedFields(message, MemorySegment.ofArray(wire));
        byte[] chaddr = message.chaddr().toBytes();
        System.arraycopy(chaddr, 0, wire, DhcpParser.CHADDR, chaddr.length);
        writeField(wire, DhcpParser.SNAME, message.sname(), areas.get(2));
        writeField(wire, DhcpParser.FILE, message.file(), areas.get(1));
        main.write(wire, DhcpParser.OPTIONS);
        return wire;
    }

    private static void writeFixedFields(DhcpMessage message, MemorySegment wire) {
        NetworkOrder.u8(wire, 0, message.op());
        NetworkOrder.u8(wire, 1, message.htype());
        NetworkOrder.u8(wire, 2, DhcpParser.HLEN);
        NetworkOrder.u8(wire, 3, message.hops());
        NetworkOrder.u32(wire, 4, message.xid());
        NetworkOrder.u16(wire, 8, message.secs());
        NetworkOrder.u16(wire, 10, message.flags());
        NetworkOrder.u32(wire, 12, message.ciaddr());
        NetworkOrder.u32(wire, 16, message.yiaddr());
        NetworkOrder.u32(wire, 20, message.siaddr());
        NetworkOrder.u32(wire, 24, message.giaddr());
        NetworkOrder.u32(wire, DhcpParser.COOKIE, DhcpParser.MAGIC_COOKIE);
    }

    private static void writeField(byte[] wire, int at, String text, Area options) {
        if (options.isEmpty()) {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(bytes, 0, wire, at, bytes.length);
        } else {
            options.write(wire, at);
        }
    }

    /** One option, in parts if it is too long for one (RFC 3396 section 7). */
    private static byte[] option(int code, byte[] value) {
        Bytes<byte[]> out = Bytes.allocateElasticOnHeap();
        int written = 0;
        do {
            int part = Math.min(value.length - written, MAXIMUM_OPTION_LENGTH);
            out.writeUnsignedByte(code).writeUnsignedByte(part);
            out.write(Arrays.copyOfRange(value, written, written + part));
            written += part;
        } while (written < value.length);
        return out.toByteArray();
    }
}
