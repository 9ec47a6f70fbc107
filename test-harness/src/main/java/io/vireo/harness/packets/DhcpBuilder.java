package io.vireo.harness.packets;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.nio.ByteBuffer;

/**
 * Builds any message of a DHCP client (RFC 2131). The static methods give it what its state asks for (table 5 there); the
 * others add to that, replace fields, and can make it as wrong as a test wants. Options are written in the order in which
 * they are given.
 */
public final class DhcpBuilder {
    private static final Inet4Address ANY = Packets.ip("0.0.0.0");
    private static final Inet4Address BROADCAST = Packets.ip("255.255.255.255");
    /** Relays and servers may drop anything shorter (RFC 1542, 2.1). */
    private static final int MINIMUM_LENGTH = 300;

    private static final int MAX_VALUE = 255;
    private static final int PARAMETERS = 55;
    private static final int END = 255;
    private static final int[] WANTED = {
        Dhcp.CLASSLESS_ROUTES,
        Dhcp.SUBNET_MASK,
        Dhcp.ROUTER,
        Dhcp.DNS,
        Dhcp.MTU,
        Dhcp.LEASE_TIME,
        Dhcp.SERVER_ID,
        Dhcp.T1,
        Dhcp.T2
    };

    private final Mac srcMac;
    private final ByteBuffer fields = ByteBuffer.allocate(Dhcp.OPTIONS);
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();
    private Mac dstMac = Mac.BROADCAST;
    private Inet4Address srcIp = ANY;
    private Inet4Address dstIp = BROADCAST;
    private boolean ends = true;

    private DhcpBuilder(Mac clientMac, int xid) {
        srcMac = clientMac;
        fields.put((byte) Dhcp.BOOTREQUEST).put((byte) 1).put((byte) Mac.LENGTH).put((byte) 0);
        fields.putInt(xid).putInt(Dhcp.COOKIE, Dhcp.MAGIC);
        clientMac.write(fields.position(Dhcp.CHADDR));
    }

    /** A broadcast from 0.0.0.0 that has no option but its type. */
    public static DhcpBuilder of(DhcpMessageType type, Mac clientMac, int xid) {
        return new DhcpBuilder(clientMac, xid).option(Dhcp.MESSAGE_TYPE, Octets.of(type.code()));
    }

    public static DhcpBuilder discover(Mac clientMac, int xid) {
        return of(DhcpMessageType.DISCOVER, clientMac, xid).parameters(WANTED);
    }

    /** Takes an offer. */
    public static DhcpBuilder selecting(Mac clientMac, int xid, Inet4Address requestedIp, Inet4Address serverIp) {
        return of(DhcpMessageType.REQUEST, clientMac, xid)
                .requestedIp(requestedIp)
                .serverId(serverIp)
                .parameters(WANTED);
    }

    /** Asks whether an address of earlier is still right. */
    public static DhcpBuilder initReboot(Mac clientMac, int xid, Inet4Address requestedIp) {
        return of(DhcpMessageType.REQUEST, clientMac, xid)
                .requestedIp(requestedIp)
                .parameters(WANTED);
    }

    /** Extends a lease, asking the server that gave it. */
    public static DhcpBuilder renewing(Mac clientMac, int xid, Inet4Address clientIp, Mac via, Inet4Address serverIp) {
        return of(DhcpMessageType.REQUEST, clientMac, xid)
                .clientIp(clientIp)
                .from(clientIp)
                .to(via, serverIp)
                .parameters(WANTED);
    }

    /** Extends a lease, asking any server. */
    public static DhcpBuilder rebinding(Mac clientMac, int xid, Inet4Address clientIp) {
        return of(DhcpMessageType.REQUEST, clientMac, xid)
                .clientIp(clientIp)
                .from(clientIp)
                .parameters(WANTED);
    }

    /** Says that somebody else uses the address. */
    public static DhcpBuilder decline(Mac clientMac, int xid, Inet4Address requestedIp, Inet4Address serverIp) {
        return of(DhcpMessageType.DECLINE, clientMac, xid)
                .requestedIp(requestedIp)
                .serverId(serverIp);
    }

    public static DhcpBuilder release(Mac clientMac, int xid, Inet4Address clientIp, Mac via, Inet4Address serverIp) {
        return of(DhcpMessageType.RELEASE, clientMac, xid)
                .clientIp(clientIp)
                .from(clientIp)
                .to(via, serverIp)
                .serverId(serverIp);
    }

    /** Asks for everything but an address. */
    public static DhcpBuilder inform(Mac clientMac, int xid, Inet4Address clientIp) {
        return of(DhcpMessageType.INFORM, clientMac, xid)
                .clientIp(clientIp)
                .from(clientIp)
                .parameters(WANTED);
    }

    /** The source address of the IPv4 header. */
    public DhcpBuilder from(Inet4Address ip) {
        srcIp = ip;
        return this;
    }

    /** The destinations of the Ethernet and the IPv4 header. */
    public DhcpBuilder to(Mac mac, Inet4Address ip) {
        dstMac = mac;
        dstIp = ip;
        return this;
    }

    /** Asks for answers by broadcast. */
    public DhcpBuilder broadcast() {
        fields.putShort(Dhcp.FLAGS, (short) Dhcp.BROADCAST_FLAG);
        return this;
    }

    /** {@code ciaddr}. */
    public DhcpBuilder clientIp(Inet4Address ip) {
        fields.put(Dhcp.CIADDR, ip.getAddress());
        return this;
    }

    /** {@code giaddr}, as a relay sets it. */
    public DhcpBuilder relay(Inet4Address ip) {
        fields.put(Dhcp.GIADDR, ip.getAddress());
        return this;
    }

    /** {@code chaddr}, where it is not the frame's source. */
    public DhcpBuilder hardwareAddress(Mac mac) {
        fields.put(Dhcp.CHADDR, mac.toBytes());
        return this;
    }

    /** Any byte of the fixed fields (RFC 2131, figure 1), from {@code op} at 0 to the end of the cookie at 239. */
    public DhcpBuilder field(int at, Octets bytes) {
        fields.put(at, bytes.toBytes());
        return this;
    }

    public DhcpBuilder requestedIp(Inet4Address ip) {
        return option(Dhcp.REQUESTED_IP, Octets.of(ip.getAddress()));
    }

    public DhcpBuilder serverId(Inet4Address ip) {
        return option(Dhcp.SERVER_ID, Octets.of(ip.getAddress()));
    }

    /** Option 55, the options the client wants, in its order. */
    public DhcpBuilder parameters(int... codes) {
        return option(PARAMETERS, Octets.of(codes));
    }

    /** Any option; what is longer than 255 bytes becomes several (RFC 3396). */
    public DhcpBuilder option(int code, Octets value) {
        byte[] bytes = value.toBytes();
        int at = 0;
        do {
            int length = Math.min(bytes.length - at, MAX_VALUE);
            options.write(code);
            options.write(length);
            options.write(bytes, at, length);
            at += length;
        } while (at < bytes.length);
        return this;
    }

    /** These bytes in place of all options so far, and no end option but theirs; zeros follow up to 300 bytes in all. */
    public DhcpBuilder rawOptions(Octets bytes) {
        options.reset();
        options.writeBytes(bytes.toBytes());
        ends = false;
        return this;
    }

    /** The whole frame; may be called again, after changes too. */
    public byte[] frame() {
        int length = Dhcp.OPTIONS + options.size() + (ends ? 1 : 0);
        ByteBuffer message = ByteBuffer.allocate(Math.max(length, MINIMUM_LENGTH))
                .put(fields.array())
                .put(options.toByteArray());
        if (ends) {
            message.put((byte) END);
        }
        return Packets.createUdp(
                srcMac, dstMac, srcIp, dstIp, Dhcp.CLIENT_PORT, Dhcp.SERVER_PORT, message.array(), Packets.DEFAULT_TTL);
    }
}
