package io.vireo.appliance.check;

import io.vireo.router.config.NetworkConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Whether the host's kernel routes between the uplink and its other interfaces. */
final class ForwardingCheck {
    private static final String IPV6 = "/proc/sys/net/ipv6/conf/";

    /** Of a route in /proc/net/ipv6_route: learnt from a router advertisement (linux/ipv6_route.h). */
    private static final int RTF_ADDRCONF = 0x40000;

    private final Machine machine;
    private final List<NetworkConfig> networks;

    /** @param networks those that have the uplink */
    ForwardingCheck(Machine machine, List<NetworkConfig> networks) {
        this.machine = machine;
        this.networks = networks;
    }

    List<Finding> find() {
        List<Finding> findings = new ArrayList<>();
        findings.add(ipv4());
        if (networks.stream().anyMatch(network -> network.ipv6().isPresent())) {
            findings.add(ipv6());
        }
        return findings;
    }

    private Finding ipv4() {
        return isOn("/proc/sys/net/ipv4/ip_forward")
                ? Finding.ok("IPv4 forwarding is on")
                : Finding.lacks("IPv4 forwarding is off", "sysctl -w net.ipv4.ip_forward=1");
    }

    /** A host that forwards listens to no router any longer, unless it is told to (accept_ra 2 in ip-sysctl). */
    private Finding ipv6() {
        if (!machine.exists(IPV6 + "all")) {
            return Finding.lacks(
                    "the host has no IPv6", "start it without ipv6.disable=1 on the kernel's command line");
        }
        String keep = deafened().stream()
                .map(name -> " net.ipv6.conf." + name.replace('.', '/') + ".accept_ra=2")
                .collect(Collectors.joining());
        if (!isOn(IPV6 + "all/forwarding")) {
            return Finding.lacks("IPv6 forwarding is off", "sysctl -w" + keep + " net.ipv6.conf.all.forwarding=1");
        }
        return keep.isEmpty()
                ? Finding.ok("IPv6 forwarding is on")
                : Finding.lacks(
                        "IPv6 forwarding is on, and the host's own default route, which a router advertised, ends with it",
                        "sysctl -w" + keep);
    }

    /** The interfaces whose routers the host would not hear any longer. */
    private List<String> deafened() {
        return machine.read("/proc/net/ipv6_route").stream()
                .flatMap(String::lines)
                .map(line -> line.strip().split(" +", -1))
                .filter(route -> route.length == 10 && route[1].equals("00"))
                .filter(route -> (Long.parseLong(route[8], 16) & RTF_ADDRCONF) != 0)
                .map(route -> route[9])
                .distinct()
                .filter(name ->
                        machine.read(IPV6 + name + "/accept_ra").orElse("").equals("1"))
                .toList();
    }

    private boolean isOn(String path) {
        return !machine.read(path).orElse("0").equals("0");
    }
}
