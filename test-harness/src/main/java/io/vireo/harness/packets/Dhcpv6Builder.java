package io.vireo.harness.packets;

import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Builds any message of a DHCPv6 client (RFC 8415), from its link-local address to all servers. It says only what it is
 * given, in the order in which it is given, so a test can leave out what a message needs.
 */
public final class Dhcpv6Builder {
    /** {@code ff02::1:2} (RFC 8415, 7.1). */
    public static final Inet6Address ALL_SERVERS = Packets.ip6("ff02::1:2");

    /** What a system sends multicast with unless told otherwise (RFC 3493, 5.2). */
    private static final int HOP_LIMIT = 1;

    private final Dhcpv6MessageType type;
    private final Mac srcMac;
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();
    private Mac dstMac = Mac.multicast(ALL_SERVERS);
    private Inet6Address srcIp;
    private Inet6Address dstIp = ALL_SERVERS;
    private int transaction = 1;

    private Dhcpv6Builder(Dhcpv6MessageType type, Mac clientMac) {
        this.type = type;
        srcMac = clientMac;
        srcIp = Packets.linkLocal(clientMac);
    }

    /** A message without options, of transaction 1. */
    public static Dhcpv6Builder of(Dhcpv6MessageType type, Mac clientMac) {
        return new Dhcpv6Builder(type, clientMac);
    }

    /** @param number of 24 bits */
    public Dhcpv6Builder transaction(int number) {
        FrameWriter.requireRange("transaction", number, 0xFF_FFFF);
        transaction = number;
        return this;
    }

    public Dhcpv6Builder from(Inet6Address ip) {
        srcIp = ip;
        return this;
    }

    /** The destinations of the Ethernet and the IPv6 header. */
    public Dhcpv6Builder to(Mac mac, Inet6Address ip) {
        dstMac = mac;
        dstIp = ip;
        return this;
    }

    public Dhcpv6Builder clientId(Octets duid) {
        return option(Dhcpv6.CLIENT_ID, duid);
    }

    public Dhcpv6Builder serverId(Octets duid) {
        return option(Dhcpv6.SERVER_ID, duid);
    }

    /** @param hundredths of a second, 0 to 65535 */
    public Dhcpv6Builder elapsed(int hundredths) {
        FrameWriter.requireRange("elapsed time", hundredths, 0xFFFF);
        return option(Dhcpv6.ELAPSED, Octets.of(hundredths >> 8, hundredths));
    }

    public Dhcpv6Builder rapidCommit() {
        return option(Dhcpv6.RAPID_COMMIT, Octets.NONE);
    }

    /** Which options the client wants. */
    public Dhcpv6Builder optionRequest(int... codes) {
        ByteBuffer value = ByteBuffer.allocate(2 * codes.length);
        for (int code : codes) {
            value.putShort((short) code);
        }
        return option(Dhcpv6.OPTION_REQUEST, Octets.of(value.array()));
    }

    /** An association for addresses; the leases' status is left out, as it is the server's to give. */
    public Dhcpv6Builder iaNa(Dhcpv6Ia ia) {
        return association(
                Dhcpv6.IA_NA,
                ia,
                ia.leases().stream().map(Dhcpv6Builder::address).toList());
    }

    /** An association for prefixes; the leases' status is left out, as it is the server's to give. */
    public Dhcpv6Builder iaPd(Dhcpv6Ia ia) {
        return association(
                Dhcpv6.IA_PD,
                ia,
                ia.leases().stream().map(Dhcpv6Builder::prefix).toList());
    }

    private Dhcpv6Builder association(int code, Dhcpv6Ia ia, List<byte[]> leases) {
        ByteBuffer value = ByteBuffer.allocate(
                        12 + leases.stream().mapToInt(lease -> lease.length).sum())
                .putInt(ia.id())
                .putInt((int) ia.t1())
                .putInt((int) ia.t2());
        leases.forEach(value::put);
        return option(code, Octets.of(value.array()));
    }

    private static byte[] address(Dhcpv6Lease lease) {
        return ByteBuffer.allocate(4 + 24)
                .putShort((short) Dhcpv6.ADDRESS)
                .putShort((short) 24)
                .put(lease.address().getAddress())
                .putInt((int) lease.preferred())
                .putInt((int) lease.valid())
                .array();
    }

    private static byte[] prefix(Dhcpv6Lease lease) {
        return ByteBuffer.allocate(4 + 25)
                .putShort((short) Dhcpv6.PREFIX)
                .putShort((short) 25)
                .putInt((int) lease.preferred())
                .putInt((int) lease.valid())
                .put((byte) lease.prefixLength())
                .put(lease.address().getAddress())
                .array();
    }

    /** Any option. */
    public Dhcpv6Builder option(int code, Octets value) {
        FrameWriter.requireRange("option's length", value.length(), 0xFFFF);
        return raw(Octets.of(code >> 8, code, value.length() >> 8, value.length()))
                .raw(value);
    }

    /** Bytes that need not be options. */
    public Dhcpv6Builder raw(Octets bytes) {
        options.writeBytes(bytes.toBytes());
        return this;
    }

    /** The whole frame; may be called again, after changes too. */
    public byte[] frame() {
        byte[] message = ByteBuffer.allocate(4 + options.size())
                .putInt(type.code() << 24 | transaction)
                .put(options.toByteArray())
                .array();
        return Packets.createUdp(
                srcMac, dstMac, srcIp, dstIp, Dhcpv6.CLIENT_PORT, Dhcpv6.SERVER_PORT, message, HOP_LIMIT);
    }
}
