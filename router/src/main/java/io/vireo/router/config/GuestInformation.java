package io.vireo.router.config;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.dhcp.DhcpBinding;
import io.vireo.protocols.dhcpv6.Dhcpv6Binding;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a guest is told beside its addresses, by DHCP, DHCPv6 and router advertisements. Immutable, but for the arrays in
 * {@code options}, which nobody changes.
 *
 * @param dns name servers in order of preference, at most {@value #MAX_SERVERS}, as of each list of addresses here
 * @param search domains to look for names in, at most {@value #MAX_SEARCH}
 * @param bootServer host name or address that firmware loads {@code bootFile} from
 * @param options values of DHCPv4 options by number; they take the place of what would be said otherwise
 */
public record GuestInformation(
        List<Ipv4Address> dns,
        List<Ipv6Address> dns6,
        Optional<String> domain,
        List<String> search,
        List<Ipv4Address> ntp,
        List<Ipv6Address> ntp6,
        Optional<String> bootServer,
        Optional<String> bootFile,
        Map<Integer, byte[]> options) {
    /** As many as a DHCP reply of the size that every client takes has room for. */
    public static final int MAX_SERVERS = DhcpBinding.MAXIMUM_DNS;

    public static final int MAX_SEARCH = 8;

    public static final GuestInformation NONE = new GuestInformation(
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of());

    public GuestInformation {
        dns = atMost(MAX_SERVERS, dns, "name servers");
        dns6 = atMost(MAX_SERVERS, dns6, "name servers");
        search = atMost(MAX_SEARCH, search, "search domains");
        search = search.stream().map(GuestInformation::requireDomain).toList();
        domain = domain.map(GuestInformation::requireDomain);
        ntp = atMost(MAX_SERVERS, ntp, "time servers");
        ntp6 = atMost(Dhcpv6Binding.MAXIMUM_NTP, ntp6, "time servers");
        options = Collections.unmodifiableMap(new TreeMap<>(options));
    }

    /** Returns the name, without a dot at its end, if it is a domain's. @throws IllegalArgumentException if it is not */
    public static String requireDomain(String name) {
        String canonical = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        DomainNames.require(canonical);
        return canonical;
    }

    private static <T> List<T> atMost(int most, List<T> list, String what) {
        if (list.size() > most) {
            throw new IllegalArgumentException(list.size() + " " + what + " are more than " + most);
        }
        return List.copyOf(list);
    }

    public GuestInformation withDns(List<Ipv4Address> dns) {
        return new GuestInformation(dns, dns6, domain, search, ntp, ntp6, bootServer, bootFile, options);
    }
}
