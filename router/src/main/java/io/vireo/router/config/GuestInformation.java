package io.vireo.router.config;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.dhcp.DhcpBinding;
import io.vireo.protocols.dhcp.DhcpParameters;
import io.vireo.protocols.dhcpv6.Dhcpv6Binding;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a guest is told beside its addresses, by DHCP, DHCPv6 and router advertisements. All of it can be told: the constructor
 * throws {@link IllegalArgumentException} naming what cannot. Immutable, but for the arrays in {@code options}, which nobody
 * changes.
 *
 * @param dns name servers in order of preference, at most {@value #MAX_SERVERS}, as {@code dns6} and {@code ntp}
 * @param search domains to look for names in, at most {@value #MAX_SEARCH} of {@value #MAX_SEARCH_BYTES} bytes on the wire
 * @param ntp6 time servers, at most {@value #MAX_NTP6}
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

    public static final int MAX_NTP6 = Dhcpv6Binding.MAXIMUM_NTP;
    public static final int MAX_SEARCH = 8;
    public static final int MAX_SEARCH_BYTES = Dhcpv6Binding.MAXIMUM_SEARCH_LENGTH;

    /** What the field {@code file} of a DHCP message has room for (RFC 2131, 2), which is all that some firmware reads. */
    public static final int MAX_BOOT_TEXT = 127;

    private static final Pattern BOOT_TEXT = Pattern.compile("[!-~]{1," + MAX_BOOT_TEXT + "}");

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
        domain = domain.map(GuestInformation::requireDomain);
        search = requireSearch(search);
        ntp = atMost(MAX_SERVERS, ntp, "time servers");
        ntp6 = atMost(MAX_NTP6, ntp6, "time servers");
        bootServer.ifPresent(GuestInformation::requireBootText);
        bootFile.ifPresent(GuestInformation::requireBootText);
        options = DhcpParameters.NONE.withExtra(options).extra(); // which checks and copies them
    }

    /** Returns the name, without a dot at its end, if it is a domain's. @throws IllegalArgumentException if it is not */
    public static String requireDomain(String name) {
        String canonical = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        DomainNames.require(canonical);
        return canonical;
    }

    /** Returns the domains, without dots at their ends. @throws IllegalArgumentException if they cannot be told */
    public static List<String> requireSearch(List<String> names) {
        List<String> canonical = atMost(MAX_SEARCH, names, "search domains").stream()
                .map(GuestInformation::requireDomain)
                .toList();
        int bytes = DomainNames.encode(canonical).length;
        if (bytes > MAX_SEARCH_BYTES) {
            throw new IllegalArgumentException(
                    "search domains of %d bytes are longer than %d".formatted(bytes, MAX_SEARCH_BYTES));
        }
        return canonical;
    }

    /** Returns the text if firmware can be told it. @throws IllegalArgumentException if it cannot */
    public static String requireBootText(String text) {
        if (!BOOT_TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not 1 to " + MAX_BOOT_TEXT + " characters of printable ASCII without spaces");
        }
        return text;
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
