package io.vireo.harness.packets;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** A packet of virtio-vsock, whatever its fields say. */
public record VsockPacket(Octets header, Octets payload) {
    public static final int HEADER_LENGTH = 44;

    public static final int STREAM = 1;
    public static final int SEQPACKET = 2;

    public static final int REQUEST = 1;
    public static final int RESPONSE = 2;
    public static final int RST = 3;
    public static final int SHUTDOWN = 4;
    public static final int RW = 5;
    public static final int CREDIT_UPDATE = 6;
    public static final int CREDIT_REQUEST = 7;

    /** Flags of SHUTDOWN: the sender of the packet takes no more, or sends no more. */
    public static final int SHUTDOWN_RECEIVE = 1;

    public static final int SHUTDOWN_SEND = 2;

    /** Flags of RW in SEQPACKET connections. */
    public static final int END_OF_MESSAGE = 1;

    public static final int END_OF_RECORD = 2;

    private static final int LINUX_BUFFER = 0x4_0000;

    /** One of a stream, from an end that has room for 256 KiB, as Linux has, and has given nothing on yet. */
    public static VsockPacket of(long srcCid, int srcPort, long dstCid, int dstPort, int operation) {
        return new VsockPacket(Octets.of(new byte[HEADER_LENGTH]), Octets.NONE)
                .with(VsockField.SRC_CID, srcCid)
                .with(VsockField.DST_CID, dstCid)
                .with(VsockField.SRC_PORT, srcPort)
                .with(VsockField.DST_PORT, dstPort)
                .with(VsockField.TYPE, STREAM)
                .with(VsockField.OP, operation)
                .with(VsockField.BUF_ALLOC, LINUX_BUFFER);
    }

    /** With another value in a field, of which the low bytes are taken. */
    public VsockPacket with(VsockField field, long value) {
        byte[] bytes = header.toBytes();
        for (int i = 0; i < field.size; i++) {
            bytes[field.offset + i] = (byte) (value >>> (8 * i));
        }
        return new VsockPacket(Octets.of(bytes), payload);
    }

    /** With this payload, and its length in the header. */
    public VsockPacket withPayload(byte... bytes) {
        return new VsockPacket(header, Octets.of(bytes)).with(VsockField.LEN, bytes.length);
    }

    /** The same, of the low eight bits of each number. */
    public VsockPacket withPayload(int... numbers) {
        return withPayload(Octets.of(numbers).toBytes());
    }

    public long get(VsockField field) {
        byte[] bytes = header.toBytes();
        long value = 0;
        for (int i = field.size - 1; i >= 0; i--) {
            value = (value << 8) | Byte.toUnsignedInt(bytes[field.offset + i]);
        }
        return value;
    }

    public int operation() {
        return (int) get(VsockField.OP);
    }

    public byte[] bytes() {
        byte[] bytes = Arrays.copyOf(header.toBytes(), HEADER_LENGTH + payload.length());
        System.arraycopy(payload.toBytes(), 0, bytes, HEADER_LENGTH, payload.length());
        return bytes;
    }

    /** Reads a packet; empty unless it has exactly the payload that its header says. */
    public static Optional<VsockPacket> parse(byte[] bytes) {
        if (bytes.length < HEADER_LENGTH) {
            return Optional.empty();
        }
        VsockPacket packet = new VsockPacket(
                Octets.of(Arrays.copyOf(bytes, HEADER_LENGTH)),
                Octets.of(Arrays.copyOfRange(bytes, HEADER_LENGTH, bytes.length)));
        return Optional.of(packet).filter(read -> read.get(VsockField.LEN) == read.payload.length());
    }

    @Override
    public String toString() {
        return Arrays.stream(VsockField.values())
                .map(field -> field + "=" + get(field))
                .collect(Collectors.joining(" ", "[", "]"));
    }
}
