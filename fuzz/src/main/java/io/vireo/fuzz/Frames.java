package io.vireo.fuzz;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Ethernet frames as targets have them, without the virtio-net header that frames of the test harness begin with. */
public final class Frames {
    /** Of the guest that sends them. */
    public static final Mac GUEST_MAC = Packets.mac("52:54:00:12:34:01");

    public static final Inet4Address GUEST = Packets.ip("10.0.0.5");
    public static final Inet4Address NEIGHBOUR = Packets.ip("10.0.0.6");
    public static final Inet6Address GUEST6 = Packets.ip6("2001:db8::5");
    public static final Inet6Address NEIGHBOUR6 = Packets.ip6("2001:db8::6");

    private static final int VIRTIO_NET_HEADER = 12;

    private Frames() {}

    /** Frames of the harness without their virtio-net header. */
    public static List<byte[]> of(byte[]... frames) {
        return Stream.of(frames).map(Frames::strip).toList();
    }

    public static byte[] strip(byte[] frame) {
        return Arrays.copyOfRange(frame, VIRTIO_NET_HEADER, frame.length);
    }

    /** The first {@code length} bytes of a frame as the harness's parsers want them. */
    public static byte[] forHarness(byte[] frame, int length) {
        byte[] whole = new byte[VIRTIO_NET_HEADER + length];
        System.arraycopy(frame, 0, whole, VIRTIO_NET_HEADER, length);
        return whole;
    }
}
