package io.vireo.protocols.dhcp;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a guest may be told beside its lease. Immutable; arrays given or taken are not to be changed.
 *
 * @param hostName option 12
 * @param domain option 15
 * @param search option 119, in order
 * @param ntp option 42, in order of preference
 * @param tftpServer option 66, a name or an address; an address is told as {@code siaddr} too, a name as {@code sname}
 * @param bootFile option 67, and the field {@code file} if it is of at most 127 characters
 * @param extra further options by code, each as its bytes; they win over what else the server would say under that code
 */
public record DhcpParameters(
        Optional<String> hostName,
        Optional<String> domain,
        List<String> search,
        List<Ipv4Address> ntp,
        Optional<String> tftpServer,
        Optional<String> bootFile,
        Map<Integer, byte[]> extra) {
    public static final DhcpParameters NONE = new DhcpParameters(
            Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.empty(), Optional.empty(), Map.of());

    /** One option's worth: firmware that reads these does not put parts together. */
    private static final Pattern BOOT_TEXT = Pattern.compile("[\\x20-\\x7E]{1,255}");

    /** @throws IllegalArgumentException for a value that cannot be told, or an option that is not for configuration */
    public DhcpParameters {
        hostName.ifPresent(DomainNames::require);
        domain.ifPresent(DomainNames::require);
        search = List.copyOf(search);
        search.forEach(DomainNames::require);
        ntp = List.copyOf(ntp);
        tftpServer.ifPresent(DhcpParameters::requireBootText);
        bootFile.ifPresent(DhcpParameters::requireBootText);
        extra = checked(extra);
    }

    private static void requireBootText(String text) {
        if (!BOOT_TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("\"%s\" is not 1 to 255 printable ASCII characters".formatted(text));
        }
    }

    private static SortedMap<Integer, byte[]> checked(Map<Integer, byte[]> extra) {
        SortedMap<Integer, byte[]> copy = new TreeMap<>();
        extra.forEach((code, value) -> {
            DhcpOption.requireConfigurable(code);
            if (code == DhcpOption.CLASSLESS_STATIC_ROUTE || code == DhcpOption.MICROSOFT_CLASSLESS_STATIC_ROUTE) {
                requireDefaultRoute(code, value);
            }
            copy.put(code, value.clone());
        });
        return Collections.unmodifiableSortedMap(copy);
    }

    /** Whoever takes these routes ignores the router option (RFC 3442): without a default route it would be cut off. */
    private static void requireDefaultRoute(int code, byte[] routes) {
        if (!ClasslessRoute.hasDefault(routes)) {
            throw new IllegalArgumentException(
                    "DHCP option %d is no list of routes with a default route among them".formatted(code));
        }
    }

    public DhcpParameters withHostName(String name) {
        return new DhcpParameters(Optional.of(name), domain, search, ntp, tftpServer, bootFile, extra);
    }

    public DhcpParameters withDomain(String name) {
        return new DhcpParameters(hostName, Optional.of(name), search, ntp, tftpServer, bootFile, extra);
    }

    public DhcpParameters withSearch(List<String> names) {
        return new DhcpParameters(hostName, domain, names, ntp, tftpServer, bootFile, extra);
    }

    public DhcpParameters withNtp(List<Ipv4Address> servers) {
        return new DhcpParameters(hostName, domain, search, servers, tftpServer, bootFile, extra);
    }

    public DhcpParameters withBoot(Optional<String> server, Optional<String> file) {
        return new DhcpParameters(hostName, domain, search, ntp, server, file, extra);
    }

    public DhcpParameters withExtra(Map<Integer, byte[]> options) {
        return new DhcpParameters(hostName, domain, search, ntp, tftpServer, bootFile, options);
    }

    /** The boot server if it is given as an address. */
    Optional<Ipv4Address> nextServer() {
        return tftpServer.filter(Ipv4Address::isDottedQuad).map(Ipv4Address::parse);
    }
}
