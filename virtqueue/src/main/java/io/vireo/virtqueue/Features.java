package io.vireo.virtqueue;

/** Feature bits, as masks: virtio 1.3, 6 (reserved bits), 5.1.3 (network device), 5.10.3 (socket device); vhost-user, "Feature bits". */
public final class Features {
    /** The device completes checksums that the driver began. */
    public static final long NET_CSUM = 1L << 0;
    /** The driver takes frames whose checksum is only begun. */
    public static final long NET_GUEST_CSUM = 1L << 1;

    public static final long NET_CTRL_GUEST_OFFLOADS = 1L << 2;
    public static final long NET_MTU = 1L << 3;
    public static final long NET_MAC = 1L << 5;
    public static final long NET_GUEST_TSO4 = 1L << 7;
    public static final long NET_GUEST_TSO6 = 1L << 8;
    public static final long NET_GUEST_ECN = 1L << 9;
    public static final long NET_HOST_TSO4 = 1L << 11;
    public static final long NET_HOST_TSO6 = 1L << 12;
    public static final long NET_HOST_ECN = 1L << 13;
    public static final long NET_MRG_RXBUF = 1L << 15;
    public static final long NET_STATUS = 1L << 16;
    public static final long NET_CTRL_VQ = 1L << 17;
    public static final long NET_CTRL_RX = 1L << 18;
    public static final long NET_CTRL_VLAN = 1L << 19;
    public static final long NET_CTRL_RX_EXTRA = 1L << 20;
    public static final long NET_GUEST_ANNOUNCE = 1L << 21;
    public static final long NET_MQ = 1L << 22;
    public static final long NET_CTRL_MAC_ADDR = 1L << 23;
    public static final long RING_INDIRECT_DESC = 1L << 28;
    public static final long RING_EVENT_IDX = 1L << 29;
    /** Not a virtio bit: says that the backend understands vhost-user protocol features. */
    public static final long VHOST_USER_PROTOCOL_FEATURES = 1L << 30;

    public static final long VERSION_1 = 1L << 32;
    public static final long RING_PACKED = 1L << 34;
    public static final long IN_ORDER = 1L << 35;

    public static final long VSOCK_STREAM = 1L << 0;
    public static final long VSOCK_SEQPACKET = 1L << 1;

    public static final long NET_GUEST_USO4 = 1L << 54;
    public static final long NET_GUEST_USO6 = 1L << 55;
    public static final long NET_HOST_USO = 1L << 56;

    private Features() {}
}
