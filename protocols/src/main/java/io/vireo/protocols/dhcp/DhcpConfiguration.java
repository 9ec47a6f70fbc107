package io.vireo.protocols.dhcp;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.openhft.chronicle.bytes.Bytes;

/** The options that configure a host, as a binding has them, and which of them a client is told. Stateless. */
final class DhcpConfiguration {
    private static final Ipv4Address UNSPECIFIED = new Ipv4Address(0);
    /** A network of more has no broadcast address (RFC 3021). */
    private static final int MAXIMUM_BROADCAST_PREFIX = 30;

    private DhcpConfiguration() {}

    /**
     * Adds what the client asks for by option 55, in its order (RFC 2132 section 9.8); or everything but option 249 if it
     * asks for nothing in particular, as old firmware does. The mask is told unasked: it says what the address means. It
     * also comes before the router (RFC 2132 section 3.3).
     *
     * <p>Option 3 is told beside 121 if both are asked for, although RFC 3442 would leave it out: clients ask for 121 by
     * default even where the script that would set the routes is not installed.
     */
    static void add(DhcpMessage request, DhcpBinding binding, Map<Integer, byte[]> options) {
        Map<Integer, byte[]> values = values(binding);
        options.put(DhcpOption.SUBNET_MASK, values.getOrDefault(DhcpOption.SUBNET_MASK, mask(binding)));
        byte[] asked = request.option(DhcpOption.PARAMETER_REQUEST_LIST).orElse(new byte[0]);
        if (asked.length == 0) {
            values.remove(DhcpOption.MICROSOFT_CLASSLESS_STATIC_ROUTE);
            values.forEach(options::putIfAbsent);
        }
        for (byte code : asked) {
            byte[] value = values.get(code & 0xFF);
            if (value != null) {
                options.putIfAbsent(code & 0xFF, value);
            }
        }
    }

    /** By code; the most important first, as the last ones are left out of a message that is too short for all. */
    private static Map<Integer, byte[]> values(DhcpBinding binding) {
        DhcpParameters parameters = binding.parameters();
        Map<Integer, byte[]> values = new LinkedHashMap<>();
        values.put(DhcpOption.ROUTER, binding.serverIdentifier().toBytes());
        if (binding.routed()) {
            values.put(DhcpOption.CLASSLESS_STATIC_ROUTE, routesThrough(binding.serverIdentifier()));
        }
        addAddresses(values, DhcpOption.DOMAIN_NAME_SERVER, binding.dns());
        values.put(DhcpOption.INTERFACE_MTU, new byte[] {(byte) (binding.mtu() >>> 8), (byte) binding.mtu()});
        parameters.domain().ifPresent(name -> values.put(DhcpOption.DOMAIN_NAME, ascii(name)));
        parameters.hostName().ifPresent(name -> values.put(DhcpOption.HOST_NAME, ascii(name)));
        if (!binding.routed() && binding.network().length() <= MAXIMUM_BROADCAST_PREFIX) {
            values.put(
                    DhcpOption.BROADCAST_ADDRESS,
                    new Ipv4Address(binding.network().broadcast()).toBytes());
        }
        addAddresses(values, DhcpOption.NTP_SERVERS, parameters.ntp());
        if (!parameters.search().isEmpty()) {
            values.put(DhcpOption.DOMAIN_SEARCH, DomainNames.searchList(parameters.search()));
        }
        parameters.tftpServer().ifPresent(name -> values.put(DhcpOption.TFTP_SERVER_NAME, ascii(name)));
        parameters.bootFile().ifPresent(name -> values.put(DhcpOption.BOOTFILE_NAME, ascii(name)));
        values.putAll(parameters.extra());
        byte[] routes = values.get(DhcpOption.CLASSLESS_STATIC_ROUTE);
        if (routes != null) {
            values.putIfAbsent(DhcpOption.MICROSOFT_CLASSLESS_STATIC_ROUTE, routes);
        }
        return values;
    }

    private static byte[] mask(DhcpBinding binding) {
        return new Ipv4Address(binding.routed() ? -1 : binding.network().mask()).toBytes();
    }

    /** The router is on the link although no subnet says so; everything else is behind it. */
    private static byte[] routesThrough(Ipv4Address router) {
        return ClasslessRoute.encode(List.of(
                new ClasslessRoute(new Ipv4Prefix(router, 32), UNSPECIFIED),
                new ClasslessRoute(new Ipv4Prefix(UNSPECIFIED, 0), router)));
    }

    private static void addAddresses(Map<Integer, byte[]> values, int code, List<Ipv4Address> addresses) {
        if (!addresses.isEmpty()) {
            Bytes<byte[]> out = Bytes.allocateElasticOnHeap();
            addresses.forEach(address -> out.write(address.toBytes()));
            values.put(code, out.toByteArray());
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
