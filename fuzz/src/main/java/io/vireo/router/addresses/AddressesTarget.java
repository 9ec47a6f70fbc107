package io.vireo.router.addresses;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.fuzz.Packing;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.dhcp.DhcpMessage;
import io.vireo.protocols.dhcp.DhcpOption;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.leases.Lease;
import io.vireo.router.leases.LeaseBook;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * What three guests send the address service, one message after the other, with time passing in between: no two have the same
 * address or prefix, on the data plane or in the book, and who is told of an address has it.
 */
public final class AddressesTarget implements FuzzTarget {
    private static final int GUESTS = 3;
    private static final int SERVER = 0x0A00_0001;
    private static final int FIRST = 0x0A00_0064;
    private static final Ipv6Address SERVERS = new Ipv6Address(0xff02_0000_0000_0000L, 0x1_0002);
    private static final long START_MS = 1_700_000_000_000L;

    private final RouterConfig config;
    private final List<Link> links = new ArrayList<>();
    private final List<Guest> guests = new ArrayList<>();
    private long ms;

    public AddressesTarget() {
        Ipv6Network ipv6 = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/64"), Ipv6Addressing.DHCPV6)
                .withDelegation(new Delegation(Ipv6Prefix.parse("2001:db8:8000::/55"), 56));
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                .withPool(new Ipv4Range(new Ipv4Address(FIRST), new Ipv4Address(FIRST + 1)))
                .withLeaseSeconds(60)
                .withIpv6(ipv6);
        List<VhostConfig> vhosts = new ArrayList<>();
        for (int i = 0; i < GUESTS; i++) {
            VhostConfig vhost = VhostConfig.of(Path.of("/run/fuzz" + i), new MacAddress(0x5254_0012_3401L + i));
            vhosts.add(vhost);
            links.add(new Link());
            guests.add(new Guest(vhost, network, links.getLast()));
        }
        config = new RouterConfig(1, List.of(network), vhosts);
    }

    @Override
    public List<byte[]> seeds() {
        byte[] lease = {0, 1, 0, 0, 0, 3, 100, 1, 1, 1, 0, 0, 1, 3, 101, 1, 2, 30, 0, 4, 100, 1, 2, 90, 1, 1, 0, 0};
        byte[] six = new byte[60];
        ByteBuffer.wrap(six)
                .put((byte) 4)
                .put((byte) 44)
                .put(new byte[] {1, 0, 0, 7, 0, 1, 0, 10, 0, 3, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 1})
                .put(new byte[] {0, 14, 0, 0, 0, 3, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})
                .put(new byte[] {0, 25, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        return List.of(lease, six);
    }

    @Override
    public void run(Input input) throws IOException {
        ms = START_MS;
        links.forEach(Link::clear);
        LeaseBook book =
                LeaseBook.open(Optional.empty(), Resources.pools(config), Resources.reservations(config), this::now);
        try (AddressServer server = new AddressServer(book, this::now, new RouterAdvertiser(nowNs(), new Random(4)))) {
            server.begin(guests);
            while (input.hasMore()) {
                step(server, input);
                judge(server);
            }
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(ms);
    }

    private long nowNs() {
        return (ms - START_MS) * 1_000_000;
    }

    private void step(AddressServer server, Input input) {
        int choice = input.u8();
        Guest guest = guests.get((choice >> 4) % GUESTS);
        if ((choice & 7) == 2) {
            ms += input.u8() * 1000L;
        }
        server.beginTurn();
        switch (choice & 7) {
            case 0, 1 -> server.receive(guest, dhcp(guest, input));
            case 2 -> {} // time has passed
            case 3 -> server.receive(guest, Packing.udp(input.take(input.u8()), mac(guest), 68, 67));
            case 4 -> server.receive(guest, dhcpv6(guest, input.take(input.u8())));
            case 5 -> server.receive(guest, input.take(input.u8()));
            case 6 -> server.attach(guest, nowNs());
            default -> server.detach(guest);
        }
        claim(server.finishTurn(nowNs()) >= 0, "how long to sleep");
    }

    private static MacAddress mac(Guest guest) {
        return guest.client().mac();
    }

    /** A message of a type, for an address in or beside the pool, as an option or as the client's own. */
    private static byte[] dhcp(Guest guest, Input input) {
        int type = input.below(9);
        int address = 0x0A00_0000 | input.u8();
        int options = input.u8();
        Map<Integer, byte[]> all = new LinkedHashMap<>();
        all.put(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {(byte) type});
        if ((options & 1) != 0) {
            all.put(DhcpOption.SERVER_IDENTIFIER, bytes(SERVER));
        }
        if ((options & 2) == 0) {
            all.put(DhcpOption.REQUESTED_IP_ADDRESS, bytes(address));
        }
        int ciaddr = (options & 4) == 0 ? 0 : address;
        byte[] message = new DhcpMessage(1, 1, 0, 7, 0, 0, ciaddr, 0, 0, 0, mac(guest), "", "", all).encode();
        return Packing.udp(message, mac(guest), 68, 67);
    }

    private static byte[] bytes(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] dhcpv6(Guest guest, byte[] message) {
        Ipv6Address source = new Ipv6Address(
                0xfe80_0000_0000_0000L, 0x5254_00ff_fe12_3400L | (mac(guest).value() & 0xFF));
        return Packing.udp6(message, mac(guest), source, SERVERS, 546, 547);
    }

    private void judge(AddressServer server) {
        Set<Integer> addresses = new HashSet<>();
        Set<Ipv6Prefix> prefixes = new HashSet<>();
        for (Link link : links) {
            claim(link.ipv4 == 0 || addresses.add(link.ipv4), "one address at two ports");
            claim(link.ipv4 == 0 || (link.ipv4 >= FIRST && link.ipv4 <= FIRST + 1), "an address of the pool");
            claim(link.own.isEmpty() || prefixes.add(link.own.get()), "one IPv6 address at two ports");
            claim(link.delegated.isEmpty() || prefixes.add(link.delegated.get()), "one prefix at two ports");
        }
        Set<Object> resources = new HashSet<>();
        for (Lease lease : server.leases()) {
            claim(resources.add(lease.resource()), "one resource to two clients");
            claim(lease.expiresAtSeconds() > ms / 1000 - 1, "a lease that is over");
        }
    }

    /** Where a guest is told, and what is in force there. */
    private static final class Link implements GuestLink {
        int ipv4;
        Optional<Ipv6Prefix> own = Optional.empty();
        Optional<Ipv6Prefix> delegated = Optional.empty();

        void clear() {
            ipv4 = 0;
            own = Optional.empty();
            delegated = Optional.empty();
        }

        @Override
        public void send(byte[] frame) {
            byte[] read = Frames.forHarness(frame, frame.length);
            Packets.parseDhcpResponse(read).ifPresent(answer -> {
                boolean leased = answer.leaseTime().isPresent() && answer.msgType() == DhcpMessageType.ACK;
                byte[] own = bytes(ipv4);
                claim(!leased || Arrays.equals(answer.yourIp().getAddress(), own), "told of what is not in force");
            });
            boolean known = Packets.parseDhcpResponse(read).isPresent()
                    || Packets.parseDhcpv6Response(read).isPresent()
                    || Packets.parseRouterAdvertisement(read).isPresent();
            claim(known, "a frame that a guest does not read");
        }

        @Override
        public void ipv4(int address) {
            ipv4 = address;
        }

        @Override
        public void ipv6(Optional<Ipv6Prefix> newOwn, Optional<Ipv6Prefix> newDelegated) {
            own = newOwn;
            delegated = newDelegated;
        }

        @Override
        public void countExhausted() {
            claim(ipv4 == 0 || own.isEmpty() || delegated.isEmpty(), "exhausted, with everything in its hands");
        }
    }
}
