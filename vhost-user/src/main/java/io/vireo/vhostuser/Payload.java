package io.vireo.vhostuser;

import io.vireo.hugepages.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;

/** Payloads of the messages (vhost-user, "Message payload"), read and written. Reading checks sizes first. */
public final class Payload {
    /** The most bytes of a device's configuration space that one message carries. */
    public static final int MAX_CONFIG = 256;

    /** The most regions of a table (vhost-user, "Memory regions description"). */
    private static final int MAX_TABLE = 8;

    private static final int CONFIG_HEADER = 12;
    private static final int REGION_SIZE = 32;

    private Payload() {}

    /** A vring's index with a number: its size, its base, or whether it is enabled. */
    public record VringState(int index, int value) {
        public static VringState read(VhostUserMessage message) throws ProtocolViolation {
            Bytes<byte[]> in = open(message, 8);
            return new VringState(in.readInt(), in.readInt());
        }

        public byte[] write() {
            byte[] bytes = new byte[8];
            Bytes.wrapForWrite(bytes).writeInt(index).writeInt(value);
            return bytes;
        }
    }

    /** Where a vring's parts lie, in the frontend's own addresses. */
    public record VringAddress(int index, long descriptors, long used, long available) {
        public static VringAddress read(VhostUserMessage message) throws ProtocolViolation {
            Bytes<byte[]> in = open(message, 40);
            int index = in.readInt();
            in.readInt(); // flags: logging, which is not offered
            return new VringAddress(index, in.readLong(), in.readLong(), in.readLong());
        }

        public byte[] write() {
            byte[] bytes = new byte[40];
            Bytes<byte[]> out = Bytes.wrapForWrite(bytes);
            out.writeInt(index).writeInt(0);
            out.writeLong(descriptors).writeLong(used).writeLong(available).writeLong(0);
            return bytes;
        }
    }

    /** A piece of the device's configuration space. */
    public record Config(int offset, int flags, byte[] data) {
        public static Config read(VhostUserMessage message) throws ProtocolViolation {
            int size = message.payload().length;
            if (size < CONFIG_HEADER) {
                throw wrongSize(message, "at least " + CONFIG_HEADER);
            }
            Bytes<byte[]> in = Bytes.wrapForRead(message.payload());
            int offset = in.readInt();
            int length = in.readInt();
            int flags = in.readInt();
            if (length < 0 || length > MAX_CONFIG || offset < 0 || offset > MAX_CONFIG - length) {
                throw new ProtocolViolation(message.name()
                        + " of %d bytes at %d of a configuration space of %d bytes"
                                .formatted(Integer.toUnsignedLong(length), Integer.toUnsignedLong(offset), MAX_CONFIG));
            }
            if (size != CONFIG_HEADER + length) {
                throw wrongSize(message, "" + (CONFIG_HEADER + length));
            }
            byte[] data = new byte[length];
            in.read(data);
            return new Config(offset, flags, data);
        }

        public byte[] write() {
            byte[] bytes = new byte[CONFIG_HEADER + data.length];
            Bytes<byte[]> out = Bytes.wrapForWrite(bytes);
            out.writeInt(offset).writeInt(data.length).writeInt(flags).write(data);
            return bytes;
        }
    }

    /**
     * Where in a file chains in flight are tracked (vhost-user, "Inflight description").
     *
     * @param queues and {@code queueSize} are 16 bits wide
     */
    public record Inflight(long size, long offset, int queues, int queueSize) {
        private static final int SIZE = 20;
        /** As C pads the structure, and QEMU sends it. */
        private static final int PADDED_SIZE = 24;

        public static Inflight read(VhostUserMessage message) throws ProtocolViolation {
            int length = message.payload().length;
            Bytes<byte[]> in = open(message, length == SIZE ? SIZE : PADDED_SIZE);
            return new Inflight(in.readLong(), in.readLong(), in.readUnsignedShort(), in.readUnsignedShort());
        }

        public byte[] write() {
            byte[] bytes = new byte[PADDED_SIZE];
            Bytes<byte[]> out = Bytes.wrapForWrite(bytes);
            out.writeLong(size).writeLong(offset).writeUnsignedShort(queues).writeUnsignedShort(queueSize);
            return bytes;
        }
    }

    public static long readU64(VhostUserMessage message) throws ProtocolViolation {
        return open(message, 8).readLong();
    }

    public static byte[] u64(long value) {
        byte[] bytes = new byte[8];
        Bytes.wrapForWrite(bytes).writeLong(value);
        return bytes;
    }

    public static List<MemoryRegion> readMemoryTable(VhostUserMessage message) throws ProtocolViolation {
        int size = message.payload().length;
        if (size < 8) {
            throw wrongSize(message, "at least 8");
        }
        Bytes<byte[]> in = Bytes.wrapForRead(message.payload());
        long count = Integer.toUnsignedLong(in.readInt());
        in.readInt(); // padding
        // User-mode Linux sends room for two regions and fills one.
        if (size < 8 + count * REGION_SIZE || size > 8 + MAX_TABLE * REGION_SIZE) {
            throw wrongSize(message, "for " + count + " regions " + (8 + count * REGION_SIZE));
        }
        List<MemoryRegion> table = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            table.add(readRegion(in));
        }
        return table;
    }

    private static MemoryRegion readRegion(Bytes<byte[]> in) {
        return new MemoryRegion(in.readLong(), in.readLong(), in.readLong(), in.readLong());
    }

    public static byte[] memoryTable(List<MemoryRegion> table) {
        byte[] bytes = new byte[8 + table.size() * REGION_SIZE];
        Bytes<byte[]> out = Bytes.wrapForWrite(bytes);
        out.writeInt(table.size()).writeInt(0);
        for (MemoryRegion region : table) {
            writeRegion(out, region);
        }
        return bytes;
    }

    private static void writeRegion(Bytes<byte[]> out, MemoryRegion region) {
        out.writeLong(region.guestAddress()).writeLong(region.size());
        out.writeLong(region.userAddress()).writeLong(region.fileOffset());
    }

    /** A region by itself (vhost-user, "Single memory region description"). */
    public static MemoryRegion readMemoryRegion(VhostUserMessage message) throws ProtocolViolation {
        Bytes<byte[]> in = open(message, 8 + REGION_SIZE);
        in.readLong(); // padding
        return readRegion(in);
    }

    public static byte[] memoryRegion(MemoryRegion region) {
        byte[] bytes = new byte[8 + REGION_SIZE];
        writeRegion(Bytes.wrapForWrite(bytes).writeLong(0), region);
        return bytes;
    }

    /** Refuses a payload for a request that has none. */
    public static void expectNone(VhostUserMessage message) throws ProtocolViolation {
        open(message, 0);
    }

    private static Bytes<byte[]> open(VhostUserMessage message, int size) throws ProtocolViolation {
        if (message.payload().length != size) {
            throw wrongSize(message, "" + size);
        }
        return Bytes.wrapForRead(message.payload());
    }

    private static ProtocolViolation wrongSize(VhostUserMessage message, String expected) {
        return new ProtocolViolation(
                message.name() + " with a payload of " + message.payload().length + " bytes, expected " + expected);
    }
}
