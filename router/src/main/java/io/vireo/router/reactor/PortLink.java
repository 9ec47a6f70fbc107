package io.vireo.router.reactor;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.addresses.GuestLink;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.PortIpv6;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The address service's hold on a port. An address that ends leads nowhere before the guest may no longer send from it, and
 * a new one is the guest's before it leads there.
 */
final class PortLink implements GuestLink {
    private final NetPort port;
    private final Reactor reactor;

    private int ipv4;
    private Optional<Ipv6Prefix> own = Optional.empty();
    private Optional<Ipv6Prefix> delegated = Optional.empty();

    /** @param port one that has no address yet */
    PortLink(NetPort port, Reactor reactor) {
        this.port = port;
        this.reactor = reactor;
    }

    @Override
    public void send(byte[] frame) {
        reactor.post(() -> reactor.send(port, frame));
    }

    @Override
    public void ipv4(int address) {
        Network network = port.network();
        if (ipv4 != 0) {
            network.withdraw(port, ipv4);
        }
        reactor.call(() -> {
            port.address(address);
            return true;
        });
        ipv4 = address;
        if (address != 0) {
            network.assign(port, address);
        }
    }

    @Override
    public void ipv6(Optional<Ipv6Prefix> newOwn, Optional<Ipv6Prefix> newDelegated) {
        Network network = port.network();
        List<Ipv6Prefix> before = prefixes(own, delegated);
        List<Ipv6Prefix> after = prefixes(newOwn, newDelegated);
        before.stream().filter(prefix -> !after.contains(prefix)).forEach(prefix -> network.withdraw(port, prefix));
        PortIpv6 addresses = new PortIpv6(newOwn, newDelegated);
        reactor.call(() -> {
            port.ipv6(addresses);
            return true;
        });
        own = newOwn;
        delegated = newDelegated;
        after.forEach(prefix -> network.assign(port, prefix));
    }

    private static List<Ipv6Prefix> prefixes(Optional<Ipv6Prefix> own, Optional<Ipv6Prefix> delegated) {
        return Stream.of(own, delegated).flatMap(Optional::stream).toList();
    }

    @Override
    public void countExhausted() {
        reactor.post(() -> port.noteExhausted());
    }
}
