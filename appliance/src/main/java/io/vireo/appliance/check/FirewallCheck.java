package io.vireo.appliance.check;

import io.vireo.appliance.check.Ruleset.Chain;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.StaticRoute;
import io.vireo.router.config.UplinkConfig;
import java.util.ArrayList;
import java.util.List;

/** Whether the firewall lets guests out, and whether private addresses are translated on the way. */
final class FirewallCheck {
    /** RFC 1918, and RFC 6598's. */
    private static final List<Ipv4Prefix> PRIVATE = List.of(
            Ipv4Prefix.parse("10.0.0.0/8"),
            Ipv4Prefix.parse("172.16.0.0/12"),
            Ipv4Prefix.parse("192.168.0.0/16"),
            Ipv4Prefix.parse("100.64.0.0/10"));

    private final Machine machine;
    private final String tun;
    private final List<NetworkConfig> networks;

    /** @param networks those that have the uplink */
    FirewallCheck(Machine machine, UplinkConfig uplink, List<NetworkConfig> networks) {
        this.machine = machine;
        this.tun = uplink.tun();
        this.networks = networks;
    }

    List<Finding> find() {
        Firewall firewall = Firewall.of(machine);
        List<Finding> findings = new ArrayList<>();
        for (NetworkConfig network : networks) {
            findings.add(translation(network.ipv4(), firewall));
            for (StaticRoute route : network.routing().routesToHost()) {
                if (route instanceof StaticRoute.Ipv4(Ipv4Prefix to, RouteTarget _)) {
                    findings.add(translation(to, firewall));
                }
            }
        }
        for (Chain chain : firewall.dropping(tun)) {
            findings.add(Finding.lacks(
                    "the firewall drops what no rule accepts, and none is about %s (chain %s of table %s %s)"
                            .formatted(tun, chain.name(), chain.family(), chain.table()),
                    acceptance(chain)));
        }
        return findings;
    }

    private Finding translation(Ipv4Prefix prefix, Firewall firewall) {
        boolean isPrivate = PRIVATE.stream()
                .anyMatch(its -> its.length() <= prefix.length()
                        && its.contains(prefix.address().value()));
        if (!isPrivate) {
            return Finding.ok(prefix + " is public and needs no NAT");
        }
        String cure = translator(prefix, firewall);
        if (!firewall.isKnown()) {
            return Finding.unknown(
                    "whether there is NAT for " + prefix
                            + ": nft and iptables-save are not there, or only root may ask them",
                    cure);
        }
        return switch (firewall.translates(prefix, tun)) {
            case YES -> Finding.ok("there is NAT for " + prefix);
            case MAYBE ->
                Finding.unknown("whether there is NAT for " + prefix + ": some rules are about a part of it", cure);
            case NO -> Finding.lacks("there is no NAT for " + prefix, cure);
        };
    }

    private String translator(Ipv4Prefix prefix, Firewall firewall) {
        if (firewall.isKnown() && !firewall.hasNft()) {
            return "iptables -t nat -A POSTROUTING -s %s ! -o %s -j MASQUERADE".formatted(prefix, tun);
        }
        return "nft add table ip vireo && nft 'add chain ip vireo postrouting { type nat hook postrouting priority 100; }' "
                + "&& nft add rule ip vireo postrouting ip saddr %s oifname != %s masquerade".formatted(prefix, tun);
    }

    /** In the language of the tool that made the chain, which else would stumble over it. */
    private String acceptance(Chain chain) {
        boolean isIptables = chain.table().equals("filter") && chain.name().equals("FORWARD");
        if (isIptables && !chain.family().equals("inet")) {
            String tool = chain.family().equals("ip6") ? "ip6tables" : "iptables";
            return "%s -I FORWARD -i %s -j ACCEPT && %s -I FORWARD -o %s -j ACCEPT".formatted(tool, tun, tool, tun);
        }
        String insert = "nft insert rule %s %s %s".formatted(chain.family(), chain.table(), chain.name());
        return "%s iifname %s accept && %s oifname %s accept".formatted(insert, tun, insert, tun);
    }
}
