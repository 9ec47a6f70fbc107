package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Other;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a reply tells besides addresses and prefixes, as far as the client asks for it (RFC 8415 section 18.3). Stateless. */
final class Configuration {
    /** For clients that leave it to the server, which RFC 8415 does not let them. */
    private static final List<Integer> UNASKED =
            List.of(Dhcpv6OptionCode.DNS_SERVERS, Dhcpv6OptionCode.DOMAIN_LIST, Dhcpv6OptionCode.NTP_SERVER);

    /** SOL_MAX_RT and INF_MAX_RT, in seconds: what clients would do without (section 7.6). */
    private static final int MAXIMUM_RETRANSMISSION = 3600;

    /** IRT_MINIMUM, in seconds (section 7.6). */
    private static final int MINIMUM_REFRESH = 600;

    /** NTP_SUBOPTION_SRV_ADDR (RFC 5908 section 4.1). */
    private static final short NTP_SERVER_ADDRESS = 1;

    private Configuration() {}

    static List<Dhcpv6Option> answer(Dhcpv6Message request, Dhcpv6Binding binding) {
        List<Integer> asked = request.requested().orElse(UNASKED);
        List<Dhcpv6Option> options = new ArrayList<>();
        if (asked.contains(Dhcpv6OptionCode.DNS_SERVERS) && !binding.dns().isEmpty()) {
            options.add(new Other(Dhcpv6OptionCode.DNS_SERVERS, addresses(binding.dns())));
        }
        if (asked.contains(Dhcpv6OptionCode.DOMAIN_LIST) && !binding.search().isEmpty()) {
            options.add(new Other(Dhcpv6OptionCode.DOMAIN_LIST, DomainNames.encode(binding.search())));
        }
        if (asked.contains(Dhcpv6OptionCode.NTP_SERVER)) {
            binding.ntp().forEach(server -> options.add(ntp(server)));
        }
        if (asked.contains(Dhcpv6OptionCode.SNTP_SERVERS) && !binding.ntp().isEmpty()) {
            // Superseded by the one above, but all that some clients know.
            options.add(new Other(Dhcpv6OptionCode.SNTP_SERVERS, addresses(binding.ntp())));
        }
        if (asked.contains(Dhcpv6OptionCode.SOL_MAX_RT)) {
            options.add(seconds(Dhcpv6OptionCode.SOL_MAX_RT, MAXIMUM_RETRANSMISSION));
        }
        if (request.type() == RequestType.INFORMATION_REQUEST.code()) {
            addForInformationRequest(asked, binding, options);
        }
        return options;
    }

    private static void addForInformationRequest(
            List<Integer> asked, Dhcpv6Binding binding, List<Dhcpv6Option> options) {
        if (asked.contains(Dhcpv6OptionCode.INFORMATION_REFRESH_TIME)) {
            int refresh = Math.max(binding.preferredSeconds(), MINIMUM_REFRESH);
            options.add(seconds(Dhcpv6OptionCode.INFORMATION_REFRESH_TIME, refresh));
        }
        if (asked.contains(Dhcpv6OptionCode.INF_MAX_RT)) {
            options.add(seconds(Dhcpv6OptionCode.INF_MAX_RT, MAXIMUM_RETRANSMISSION));
        }
    }

    private static byte[] addresses(List<Ipv6Address> addresses) {
        ByteBuffer out = ByteBuffer.allocate(Ipv6Address.LENGTH * addresses.size());
        addresses.forEach(address -> out.put(address.toBytes()));
        return out.array();
    }

    /** One option a server; clients may use all of them (RFC 5908 section 4). */
    private static Dhcpv6Option ntp(Ipv6Address server) {
        return new Other(
                Dhcpv6OptionCode.NTP_SERVER,
                ByteBuffer.allocate(Dhcpv6Option.HEADER_LENGTH + Ipv6Address.LENGTH)
                        .putShort(NTP_SERVER_ADDRESS)
                        .putShort((short) Ipv6Address.LENGTH)
                        .put(server.toBytes())
                        .array());
    }

    private static Dhcpv6Option seconds(int code, int seconds) {
        return new Other(
                code, ByteBuffer.allocate(Integer.BYTES).putInt(seconds).array());
    }
}
