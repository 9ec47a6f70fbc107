package io.vireo.vsock;

import io.vireo.hugepages.HostMemory;

/**
 * The header of each packet (virtio 1.3, 5.10.6), little endian, at an absolute address of this process; one from a guest is
 * copied to memory of our own before it is read.
 *
 * <pre>
 *  0 src_cid u64 | 8 dst_cid u64 | 16 src_port u32 | 20 dst_port u32 | 24 len u32 | 28 type u16 | 30 op u16
 * 32 flags u32 | 36 buf_alloc u32 | 40 fwd_cnt u32 | 44 payload of len bytes
 * </pre>
 */
public final class VsockHeader {
    public static final int SIZE = 44;

    public static final int REQUEST = 1;
    public static final int RESPONSE = 2;
    public static final int RST = 3;
    public static final int SHUTDOWN = 4;
    public static final int RW = 5;
    public static final int CREDIT_UPDATE = 6;
    public static final int CREDIT_REQUEST = 7;

    /** Flags of SHUTDOWN (5.10.6.5): its sender will not receive, or not send, any more. */
    public static final int NO_MORE_RECEIVING = 1;

    public static final int NO_MORE_SENDING = 2;

    /** Flags of RW between sockets of messages (5.10.6.4): the last bytes of a message, and of a record of messages. */
    public static final int END_OF_MESSAGE = 1;

    public static final int END_OF_RECORD = 2;

    private static final int SRC_CID = 0;
    private static final int DST_CID = 8;
    private static final int SRC_PORT = 16;
    private static final int DST_PORT = 20;
    private static final int LEN = 24;
    private static final int TYPE = 28;
    private static final int OP = 30;
    private static final int FLAGS = 32;
    private static final int BUF_ALLOC = 36;
    private static final int FWD_CNT = 40;

    private VsockHeader() {}

    /** Writes who speaks to whom; all else is zero. */
    public static void write(long header, VsockAddress source, VsockAddress destination, int type, int op) {
        HostMemory.putLong(header + SRC_CID, Integer.toUnsignedLong(source.cid()));
        HostMemory.putLong(header + DST_CID, Integer.toUnsignedLong(destination.cid()));
        HostMemory.putInt(header + SRC_PORT, source.port());
        HostMemory.putInt(header + DST_PORT, destination.port());
        HostMemory.putInt(header + LEN, 0);
        HostMemory.putShort(header + TYPE, (short) type);
        HostMemory.putShort(header + OP, (short) op);
        HostMemory.putInt(header + FLAGS, 0);
        HostMemory.putInt(header + BUF_ALLOC, 0);
        HostMemory.putInt(header + FWD_CNT, 0);
    }

    /** Writes an RST, without credit, that answers a packet. */
    public static void writeReset(long header, long answered) {
        HostMemory.putLong(header + SRC_CID, destinationCid(answered));
        HostMemory.putLong(header + DST_CID, sourceCid(answered));
        HostMemory.putInt(header + SRC_PORT, destinationPort(answered));
        HostMemory.putInt(header + DST_PORT, sourcePort(answered));
        HostMemory.putInt(header + LEN, 0);
        HostMemory.putShort(header + TYPE, (short) type(answered));
        HostMemory.putShort(header + OP, (short) RST);
        HostMemory.putInt(header + FLAGS, 0);
        HostMemory.putInt(header + BUF_ALLOC, 0);
        HostMemory.putInt(header + FWD_CNT, 0);
    }

    public static void length(long header, int length) {
        HostMemory.putInt(header + LEN, length);
    }

    public static void flags(long header, int flags) {
        HostMemory.putInt(header + FLAGS, flags);
    }

    public static void credit(long header, int bufAlloc, int fwdCnt) {
        HostMemory.putInt(header + BUF_ALLOC, bufAlloc);
        HostMemory.putInt(header + FWD_CNT, fwdCnt);
    }

    /** All 64 bits, of which the upper half must be zero (5.10.4). */
    public static long sourceCid(long header) {
        return HostMemory.getLong(header + SRC_CID);
    }

    public static long destinationCid(long header) {
        return HostMemory.getLong(header + DST_CID);
    }

    public static int sourcePort(long header) {
        return HostMemory.getInt(header + SRC_PORT);
    }

    public static int destinationPort(long header) {
        return HostMemory.getInt(header + DST_PORT);
    }

    /** Bytes of payload. */
    public static long length(long header) {
        return Integer.toUnsignedLong(HostMemory.getInt(header + LEN));
    }

    public static int type(long header) {
        return Short.toUnsignedInt(HostMemory.getShort(header + TYPE));
    }

    public static int op(long header) {
        return Short.toUnsignedInt(HostMemory.getShort(header + OP));
    }

    public static int flags(long header) {
        return HostMemory.getInt(header + FLAGS);
    }

    public static int bufAlloc(long header) {
        return HostMemory.getInt(header + BUF_ALLOC);
    }

    public static int fwdCnt(long header) {
        return HostMemory.getInt(header + FWD_CNT);
    }
}
