package io.vireo.vhostuser;

/** Protocol feature bits, as masks (vhost-user, "Protocol features"). */
public final class ProtocolFeatures {
    public static final long MQ = 1L;
    public static final long REPLY_ACK = 1L << 3;
    public static final long MTU = 1L << 4;
    /** Without it user-mode Linux cannot set up its interrupt. */
    public static final long BACKEND_REQ = 1L << 5;

    public static final long CONFIG = 1L << 9;
    public static final long INFLIGHT_SHMFD = 1L << 12;
    public static final long RESET_DEVICE = 1L << 13;
    public static final long CONFIGURE_MEM_SLOTS = 1L << 15;
    public static final long STATUS = 1L << 16;

    private ProtocolFeatures() {}
}
