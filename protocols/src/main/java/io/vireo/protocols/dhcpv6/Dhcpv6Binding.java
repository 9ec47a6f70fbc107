package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.List;
import java.util.Optional;

/**
 * What one guest has or may have, and is to be told. Immutable.
 *
 * @param mac the guest's own address; frames of any other are not answered
 * @param address leased to the guest, or held for it; empty: there is none to be had
 * @param delegated as {@code address}, the prefix to delegate
 * @param dns in order of preference; at most {@link #MAXIMUM_DNS}
 * @param search domains to complete names with; at most {@link #MAXIMUM_SEARCH_LENGTH} bytes on the wire
 * @param ntp at most {@link #MAXIMUM_NTP}
 * @param preferredSeconds how long a lease is to be used for new connections, at least 1
 * @param validSeconds how long a lease is, at least {@code preferredSeconds}
 */
public record Dhcpv6Binding(
        MacAddress mac,
        Optional<Ipv6Address> address,
        Optional<Ipv6Prefix> delegated,
        List<Ipv6Address> dns,
        List<String> search,
        List<Ipv6Address> ntp,
        int preferredSeconds,
        int validSeconds) {
    public static final int DEFAULT_PREFERRED_SECONDS = 86_400;
    public static final int DEFAULT_VALID_SECONDS = 172_800;

    // Together they keep any reply to a client with one association of each type within the 1280 bytes of every link.
    public static final int MAXIMUM_DNS = 16;
    public static final int MAXIMUM_NTP = 8;
    public static final int MAXIMUM_SEARCH_LENGTH = 256;

    public Dhcpv6Binding {
        dns = List.copyOf(dns);
        search = List.copyOf(search);
        ntp = List.copyOf(ntp);
        if (dns.size() > MAXIMUM_DNS) {
            throw new IllegalArgumentException("%d DNS servers, at most %d fit".formatted(dns.size(), MAXIMUM_DNS));
        }
        if (ntp.size() > MAXIMUM_NTP) {
            throw new IllegalArgumentException("%d NTP servers, at most %d fit".formatted(ntp.size(), MAXIMUM_NTP));
        }
        int searchLength = DomainNames.encode(search).length;
        if (searchLength > MAXIMUM_SEARCH_LENGTH) {
            throw new IllegalArgumentException(
                    "search domains of %d bytes, at most %d fit".formatted(searchLength, MAXIMUM_SEARCH_LENGTH));
        }
        if (preferredSeconds < 1 || validSeconds < preferredSeconds) {
            throw new IllegalArgumentException("a lease valid for %d seconds and preferred for %d is not possible"
                    .formatted(validSeconds, preferredSeconds));
        }
    }

    /** The same for another time. */
    public Dhcpv6Binding withLifetimes(int preferred, int valid) {
        return new Dhcpv6Binding(mac, address, delegated, dns, search, ntp, preferred, valid);
    }

    /** T1 (RFC 8415 section 21.4 recommends half of the preferred lifetime). */
    int renewalSeconds() {
        return preferredSeconds / 2;
    }

    /** T2 (four fifths of it). */
    int rebindingSeconds() {
        return (int) (preferredSeconds * 4L / 5);
    }

    /** The address as a /128, or the prefix; empty for what is never had. */
    Optional<Ipv6Prefix> resource(AssociationType type) {
        return switch (type) {
            case IA_NA -> address.map(own -> new Ipv6Prefix(own, 128));
            case IA_TA -> Optional.empty();
            case IA_PD -> delegated;
        };
    }
}
