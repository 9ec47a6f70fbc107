package io.vireo.router.addresses;

import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.leases.Client;
import io.vireo.router.leases.Kind;
import io.vireo.router.leases.Lease;
import io.vireo.router.leases.LeaseBook;
import io.vireo.router.leases.Resource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All guests' addresses. See the package's description; confined to one thread. */
public final class AddressServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AddressServer.class);

    /** Leases end by the clock on the wall, which somebody may set. */
    private static final long LONGEST_SLEEP_NS = TimeUnit.MINUTES.toNanos(1);

    /** What could not be brought into force is tried again after so long. */
    private static final long AGAIN_NS = TimeUnit.SECONDS.toNanos(1);

    private final LeaseBook book;
    private final InstantSource clock;
    private final Turn turn = new Turn();
    private final DhcpServer dhcp;
    private final Dhcpv6Server dhcpv6;
    private final RouterAdvertiser advertiser;
    private final Map<Client, Guest> guests = new HashMap<>();
    private final EthernetFrame ethernet = new EthernetFrame();
    private final Ipv6Packet ipv6 = new Ipv6Packet();

    /**
     * Opens the leases.
     *
     * @param nowNs the monotonic clock, as everywhere here
     * @throws IOException if the journal cannot be used; the message says why
     */
    public static AddressServer open(RouterConfig config, InstantSource clock, long nowNs, RandomGenerator random)
            throws IOException {
        LeaseBook book =
                LeaseBook.open(config.leases(), Resources.pools(config), Resources.reservations(config), clock);
        return new AddressServer(book, clock, new RouterAdvertiser(nowNs, random));
    }

    /** @param book becomes this server's */
    AddressServer(LeaseBook book, InstantSource clock, RouterAdvertiser advertiser) {
        this.book = book;
        this.clock = clock;
        this.advertiser = advertiser;
        dhcp = new DhcpServer(book, turn, clock);
        dhcpv6 = new Dhcpv6Server(book, turn, clock);
    }

    /**
     * Adds the guests, and brings into force what they leased before, and the /64s that are theirs whatever they do. Once,
     * and before all else.
     */
    public void begin(List<Guest> all) {
        for (Guest guest : all) {
            guests.put(guest.client(), guest);
        }
        endLeases();
        endLeasesOfNobody();
        for (Guest guest : all) {
            leaseOwnPrefix(guest);
            turn.change(guest);
        }
        turn.finish(book);
        all.stream()
                .filter(this::lacksOwnPrefix)
                .forEach(guest -> LOG.warn(
                        "{}: it has no /64: network {} has none left, or the lease journal cannot be written",
                        guest,
                        guest.network().name()));
    }

    /** A guest that was taken out of the configuration leaves its addresses to others at once. */
    private void endLeasesOfNobody() {
        for (Lease lease : book.leases()) {
            if (!guests.containsKey(lease.client())) {
                book.release(lease.client(), lease.resource().kind());
            }
        }
    }

    private boolean lacksOwnPrefix(Guest guest) {
        return guest.ipv6Kind().equals(Optional.of(Kind.IPV6_PREFIX))
                && book.lease(guest.client(), Kind.IPV6_PREFIX).isEmpty();
    }

    /** A guest's own /64 is leased for good, unasked. One that has none, whatever the reason was, may yet come by one. */
    private void leaseOwnPrefix(Guest guest) {
        if (!lacksOwnPrefix(guest)) {
            return;
        }
        Optional<Resource> prefix = book.offer(guest.client(), Kind.IPV6_PREFIX);
        if (prefix.isEmpty()) {
            guest.link().countExhausted();
        } else if (book.grant(guest.client(), prefix.get(), Lease.NEVER)) {
            turn.change(guest);
        }
    }

    /** @param frame a whole Ethernet frame that the guest sent to the gateway or to all: DHCP, DHCPv6 or a solicitation */
    public void receive(Guest guest, byte[] frame) {
        MemorySegment bytes = MemorySegment.ofArray(frame);
        if (!ethernet.tryWrap(bytes, 0, frame.length)) {
            return;
        }
        if (ethernet.etherType() == EtherType.IPV4) {
            dhcp.receive(guest, frame);
        } else if (guest.ipv6Network().isPresent()) {
            int packetLength = frame.length - EthernetFrame.HEADER_LENGTH;
            if (ipv6.tryWrap(bytes, EthernetFrame.HEADER_LENGTH, packetLength, packetLength)) {
                leaseOwnPrefix(guest);
                receiveIpv6(guest, frame);
            }
        }
    }

    /** What neither serves hides behind extension headers, which no client uses. */
    private void receiveIpv6(Guest guest, byte[] frame) {
        if (ipv6.nextHeader() == Protocol.UDP) {
            dhcpv6.receive(guest, frame);
        } else if (ipv6.nextHeader() == Protocol.ICMPV6) {
            advertiser.receive(guest, frame);
        }
    }

    /** The guest's driver is there: it is advertised to. */
    public void attach(Guest guest, long nowNs) {
        leaseOwnPrefix(guest);
        advertiser.attach(guest, nowNs);
    }

    public void detach(Guest guest) {
        advertiser.detach(guest);
    }

    /** Before anything is received: leases whose time is over end. */
    public void beginTurn() {
        endLeases();
        turn.enforce(book);
    }

    private void endLeases() {
        for (Lease lease : book.expired()) {
            Guest guest = guests.get(lease.client());
            if (guest != null) {
                turn.change(guest);
            }
        }
    }

    /**
     * After everything is received: leases become durable, answers leave, and advertisements that are due.
     *
     * @return nanoseconds until there is something to do even if nothing is received
     */
    public long finishTurn(long nowNs) {
        turn.finish(book);
        advertiser.run(nowNs);
        long longest = turn.isUnfinished() ? AGAIN_NS : LONGEST_SLEEP_NS;
        long untilLease = longest;
        if (book.nextExpirySeconds() != Lease.NEVER) {
            long ms = TimeUnit.SECONDS.toMillis(book.nextExpirySeconds()) - clock.millis();
            untilLease = TimeUnit.MILLISECONDS.toNanos(Math.max(ms, 0));
        }
        return Math.min(
                Math.min(untilLease, longest),
                advertiser.nextNs().map(nextNs -> nextNs - nowNs).orElse(LONGEST_SLEEP_NS));
    }

    /** What is leased now; for the thread that this is confined to. */
    public List<Lease> leases() {
        return book.leases();
    }

    @Override
    public void close() throws IOException {
        book.close();
    }
}
