package io.vireo.harness.packets;

/** The fields of virtio-vsock's header in the order of the wire (virtio 1.3, 5.10.6), unsigned and little endian. */
public enum VsockField {
    SRC_CID(0, 8),
    DST_CID(8, 8),
    SRC_PORT(16, 4),
    DST_PORT(20, 4),
    /** Bytes of the payload. */
    LEN(24, 4),
    TYPE(28, 2),
    OP(30, 2),
    FLAGS(32, 4),
    /** Bytes that the sender has room for in all. */
    BUF_ALLOC(36, 4),
    /** Bytes that the sender has given on to its reader, modulo 2^32. */
    FWD_CNT(40, 4);

    final int offset;
    final int size;

    VsockField(int offset, int size) {
        this.offset = offset;
        this.size = size;
    }
}
