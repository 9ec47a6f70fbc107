package io.vireo.vsock.endpoint;

import io.vireo.hugepages.HostMemory;
import io.vireo.vsock.VsockHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** A packet as it is on the wire, field by field. */
public record Packet(
        long sourceCid,
        int sourcePort,
        long destinationCid,
        int destinationPort,
        int type,
        int op,
        int flags,
        int bufAlloc,
        int fwdCnt,
        long length,
        byte[] payload) {

    static final int GUEST = 33;
    static final int GUEST_PORT = 40_001;
    public static final int HOST_PORT = 1234;
    static final int CREDIT = 262_144;

    /** From the guest to the host, of a stream. */
    public static Packet toHost(int op) {
        return new Packet(GUEST, GUEST_PORT, 2, HOST_PORT, 1, op, 0, CREDIT, 0, 0, new byte[0]);
    }

    /** From the host to the guest, of a stream. */
    static Packet toGuest(int op) {
        return new Packet(2, HOST_PORT, GUEST, GUEST_PORT, 1, op, 0, CREDIT, 0, 0, new byte[0]);
    }

    static Packet data(byte[] bytes) {
        return toHost(VsockHeader.RW).with(bytes);
    }

    Packet with(byte[] bytes) {
        return copy(sourceCid, type, flags, bufAlloc, fwdCnt, bytes.length, bytes);
    }

    /** Another length in the header than there is. */
    Packet saying(long told) {
        return copy(sourceCid, type, flags, bufAlloc, fwdCnt, told, payload);
    }

    Packet flags(int value) {
        return copy(sourceCid, type, value, bufAlloc, fwdCnt, length, payload);
    }

    public Packet type(int value) {
        return copy(sourceCid, value, flags, bufAlloc, fwdCnt, length, payload);
    }

    Packet credit(int allocated, int forwarded) {
        return copy(sourceCid, type, flags, allocated, forwarded, length, payload);
    }

    Packet fromCid(long cid) {
        return copy(cid, type, flags, bufAlloc, fwdCnt, length, payload);
    }

    private Packet copy(long cid, int kind, int bits, int allocated, int forwarded, long told, byte[] bytes) {
        return new Packet(
                cid, sourcePort, destinationCid, destinationPort, kind, op, bits, allocated, forwarded, told, bytes);
    }

    public Packet fromPort(int port) {
        return new Packet(
                sourceCid, port, destinationCid, destinationPort, type, op, flags, bufAlloc, fwdCnt, length, payload);
    }

    public Packet toPort(int port) {
        return new Packet(
                sourceCid, sourcePort, destinationCid, port, type, op, flags, bufAlloc, fwdCnt, length, payload);
    }

    Packet toCid(long cid) {
        return new Packet(
                sourceCid, sourcePort, cid, destinationPort, type, op, flags, bufAlloc, fwdCnt, length, payload);
    }

    /** Writes the header to a private address, where a port would have copied it to. */
    void write(long header) {
        HostMemory.putLong(header, sourceCid);
        HostMemory.putLong(header + 8, destinationCid);
        HostMemory.putInt(header + 16, sourcePort);
        HostMemory.putInt(header + 20, destinationPort);
        HostMemory.putInt(header + 24, (int) length);
        HostMemory.putShort(header + 28, (short) type);
        HostMemory.putShort(header + 30, (short) op);
        HostMemory.putInt(header + 32, flags);
        HostMemory.putInt(header + 36, bufAlloc);
        HostMemory.putInt(header + 40, fwdCnt);
    }

    static Packet read(long header, byte[] payload) {
        return new Packet(
                HostMemory.getLong(header),
                HostMemory.getInt(header + 16),
                HostMemory.getLong(header + 8),
                HostMemory.getInt(header + 20),
                HostMemory.getShort(header + 28),
                HostMemory.getShort(header + 30),
                HostMemory.getInt(header + 32),
                HostMemory.getInt(header + 36),
                HostMemory.getInt(header + 40),
                Integer.toUnsignedLong(HostMemory.getInt(header + 24)),
                payload);
    }

    static String hex(long header) {
        return HexFormat.of()
                .formatHex(HostMemory.ALL.asSlice(header, VsockHeader.SIZE).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Hands it to an endpoint, its payload in pieces of up to {@code piece} bytes. */
    void deliver(Endpoint endpoint, int piece) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(VsockHeader.SIZE, Long.BYTES);
            write(header.address());
            Payload pieces = new Payload();
            if (payload.length > 0) {
                long start = arena.allocateFrom(ValueLayout.JAVA_BYTE, payload).address();
                for (int at = 0; at < payload.length; at += piece) {
                    pieces.add(start + at, Math.min(piece, payload.length - at));
                }
            }
            endpoint.received(header.address(), pieces);
        }
    }
}
