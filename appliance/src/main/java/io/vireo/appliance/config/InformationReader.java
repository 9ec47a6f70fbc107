package io.vireo.appliance.config;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.router.config.GuestInformation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads what a network's guests are told beside their addresses. What is wrong is left out, so that the rest can be made. */
final class InformationReader {
    private final Section section;
    private final Problems problems;

    InformationReader(Section section, Problems problems) {
        this.section = section;
        this.problems = problems;
    }

    GuestInformation read() {
        List<Ipv4Address> dns = new ArrayList<>();
        List<Ipv6Address> dns6 = new ArrayList<>();
        readAddresses(Key.DNS, dns, dns6, GuestInformation.MAX_SERVERS);
        List<Ipv4Address> ntp = new ArrayList<>();
        List<Ipv6Address> ntp6 = new ArrayList<>();
        readAddresses(Key.NTP, ntp, ntp6, GuestInformation.MAX_NTP6);
        Located<String> domain =
                problems.parse(section.text(Key.DOMAIN), GuestInformation::requireDomain, Key.DOMAIN.allowed);
        Section boot = section.section(Key.BOOT, Key.OF_BOOT);
        Located<Node> options = section.node(Key.DHCP_OPTIONS);
        return new GuestInformation(
                dns,
                dns6,
                Optional.ofNullable(domain).map(Located::value),
                search(),
                ntp,
                ntp6,
                bootText(boot, Key.BOOT_SERVER),
                bootText(boot, Key.BOOT_FILE),
                options == null ? Map.of() : new DhcpOptionsReader(problems).read(options));
    }

    private void readAddresses(Key key, List<Ipv4Address> v4, List<Ipv6Address> v6, int most6) {
        for (Located<String> text : section.texts(key)) {
            if (text.value().indexOf(':') >= 0) {
                add(problems.parse(text, Ipv6Address::parse, key.allowed), v6, key, most6);
            } else {
                add(problems.parse(text, Ipv4Address::parse, key.allowed), v4, key, GuestInformation.MAX_SERVERS);
            }
        }
    }

    private <T> void add(@Nullable Located<T> item, List<T> to, Key key, int most) {
        if (item == null) {
            return;
        }
        if (to.size() == most) {
            problems.add(item, "is one too many", key.allowed);
        } else {
            to.add(item.value());
        }
    }

    /** Name by name, so that the one that is wrong or too much is found. */
    private List<String> search() {
        List<String> search = List.of();
        for (Located<String> text : section.texts(Key.SEARCH)) {
            List<String> before = search;
            Located<List<String>> longer = problems.parse(
                    text,
                    name -> GuestInformation.requireSearch(
                            Stream.concat(before.stream(), Stream.of(name)).toList()),
                    Key.SEARCH.allowed);
            search = Located.orElse(longer, before);
        }
        return search;
    }

    private Optional<String> bootText(@Nullable Section boot, Key key) {
        Located<String> text =
                boot == null ? null : problems.parse(boot.text(key), GuestInformation::requireBootText, key.allowed);
        return Optional.ofNullable(text).map(Located::value);
    }
}
