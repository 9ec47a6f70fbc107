package io.vireo.protocols.dhcp;

import io.vireo.protocols.ipv4.Ipv4Address;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a server puts into a reply (RFC 2131 section 4.3.1, table 3), the most important options first. Stateless. */
final class DhcpReply {
    /** A client that wants less would be back all the time; dnsmasq's limit. */
    private static final int MINIMUM_LEASE_SECONDS = 120;

    private static final byte[] WRONG_ADDRESS = "wrong address".getBytes(StandardCharsets.US_ASCII);

    private DhcpReply() {}

    static DhcpMessage offer(DhcpMessage request, DhcpBinding binding, Ipv4Address address) throws DhcpFormatException {
        return lease(request, binding, DhcpMessageType.OFFER, address);
    }

    static DhcpMessage ack(DhcpMessage request, DhcpBinding binding, Ipv4Address address) throws DhcpFormatException {
        return lease(request, binding, DhcpMessageType.ACK, address);
    }

    private static DhcpMessage lease(
            DhcpMessage request, DhcpBinding binding, DhcpMessageType type, Ipv4Address address)
            throws DhcpFormatException {
        Map<Integer, byte[]> options = identity(binding, type);
        boolean acknowledges = type == DhcpMessageType.ACK;
        if (acknowledges && isRapid(request)) {
            options.put(DhcpOption.RAPID_COMMIT, new byte[0]);
        }
        addLeaseTimes(options, leaseSeconds(request, binding));
        addClientIdentifier(request, options);
        DhcpConfiguration.add(request, binding, options);
        return reply(request, binding, acknowledges ? request.ciaddr() : 0, address.value(), options);
    }

    /** The answer to an INFORM (RFC 2131 section 4.3.5): no lease and no times of one. */
    static DhcpMessage information(DhcpMessage request, DhcpBinding binding) {
        Map<Integer, byte[]> options = identity(binding, DhcpMessageType.ACK);
        addClientIdentifier(request, options);
        DhcpConfiguration.add(request, binding, options);
        return reply(request, binding, request.ciaddr(), 0, options);
    }

    /** Names no address at all, which also makes it a broadcast ({@link DhcpFrame#seal}). */
    static DhcpMessage nak(DhcpMessage request, DhcpBinding binding) {
        Map<Integer, byte[]> options = identity(binding, DhcpMessageType.NAK);
        addClientIdentifier(request, options);
        options.put(DhcpOption.MESSAGE, WRONG_ADDRESS);
        return message(request, 0, 0, 0, "", "", options);
    }

    /** Whether a DISCOVER asks to be acknowledged at once (RFC 4039 section 3.1). */
    static boolean isRapid(DhcpMessage request) throws DhcpFormatException {
        return request.messageType().filter(DhcpMessageType.DISCOVER::equals).isPresent()
                && request.hasFlagOption(DhcpOption.RAPID_COMMIT);
    }

    /** What the binding grants, or less if the client wants less. */
    static int leaseSeconds(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        int most = binding.leaseSeconds();
        int least = Math.min(most, MINIMUM_LEASE_SECONDS);
        int wanted = request.intOption(DhcpOption.IP_ADDRESS_LEASE_TIME).orElse(most);
        return Math.clamp(Integer.toUnsignedLong(wanted), least, most);
    }

    private static DhcpMessage reply(
            DhcpMessage request, DhcpBinding binding, int ciaddr, int yiaddr, Map<Integer, byte[]> options) {
        DhcpParameters parameters = binding.parameters();
        // Boot firmware reads the fields rather than options 66 and 67. Where there is nothing to boot from they are
        // empty: our own address would send firmware to a TFTP server that does not exist.
        int siaddr = parameters.nextServer().map(Ipv4Address::value).orElse(0);
        String sname = siaddr == 0 ? parameters.tftpServer().orElse("") : "";
        String file = parameters.bootFile().orElse("");
        return message(
                request,
                ciaddr,
                yiaddr,
                siaddr,
                sname.length() > DhcpMessage.MAXIMUM_SNAME ? "" : sname,
                file.length() > DhcpMessage.MAXIMUM_FILE ? "" : file,
                options);
    }

    private static DhcpMessage message(
            DhcpMessage request,
            int ciaddr,
            int yiaddr,
            int siaddr,
            String sname,
            String file,
            Map<Integer, byte[]> options) {
        return new DhcpMessage(
                DhcpMessage.BOOTREPLY,
                DhcpMessage.ETHERNET,
                0,
                request.xid(),
                0,
                request.flags(),
                ciaddr,
                yiaddr,
                siaddr,
                request.giaddr(),
                request.chaddr(),
                sname,
                file,
                options);
    }

    private static Map<Integer, byte[]> identity(DhcpBinding binding, DhcpMessageType type) {
        Map<Integer, byte[]> options = new LinkedHashMap<>();
        options.put(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {(byte) type.code()});
        options.put(DhcpOption.SERVER_IDENTIFIER, binding.serverIdentifier().toBytes());
        return options;
    }

    /** T1 and T2 at the fractions of RFC 2131 section 4.4.5. */
    private static void addLeaseTimes(Map<Integer, byte[]> options, int seconds) {
        options.put(DhcpOption.IP_ADDRESS_LEASE_TIME, u32(seconds));
        options.put(DhcpOption.RENEWAL_TIME, u32(seconds / 2));
        options.put(DhcpOption.REBINDING_TIME, u32((int) (seconds * 7L / 8)));
    }

    /** RFC 6842: in every reply, so that a client sharing its hardware address can tell which is meant. */
    private static void addClientIdentifier(DhcpMessage request, Map<Integer, byte[]> options) {
        request.option(DhcpOption.CLIENT_IDENTIFIER)
                .ifPresent(identifier -> options.put(DhcpOption.CLIENT_IDENTIFIER, identifier));
    }

    private static byte[] u32(int value) {
        return new Ipv4Address(value).toBytes();
    }
}
