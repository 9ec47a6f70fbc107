package io.vireo.router.addresses;

import io.vireo.protocols.dhcpv6.Dhcpv6Binding;
import io.vireo.protocols.dhcpv6.Dhcpv6Resource;
import io.vireo.protocols.dhcpv6.Dhcpv6Responder;
import io.vireo.protocols.dhcpv6.Dhcpv6Responder.Outcome;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.leases.Kind;
import io.vireo.router.leases.Lease;
import io.vireo.router.leases.LeaseBook;
import io.vireo.router.leases.Resource;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DHCPv6: what the responder decides, done to the leases. */
final class Dhcpv6Server {
    private static final Logger LOG = LoggerFactory.getLogger(Dhcpv6Server.class);

    private final Dhcpv6Responder responder = new Dhcpv6Responder();
    private final LeaseBook book;
    private final Turn turn;
    private final InstantSource clock;

    Dhcpv6Server(LeaseBook book, Turn turn, InstantSource clock) {
        this.book = book;
        this.turn = turn;
        this.clock = clock;
    }

    /** @param frame a whole Ethernet frame; malformed ones are ignored */
    void receive(Guest guest, byte[] frame) {
        Set<Dhcpv6Resource> wanted =
                Dhcpv6Responder.asksFor(frame, frame.length, guest.config().mac());
        boolean wantsAddress = wanted.contains(Dhcpv6Resource.ADDRESS);
        boolean wantsPrefix = wanted.contains(Dhcpv6Resource.PREFIX) && delegates(guest);
        Optional<Ipv6Address> address = isPooled(guest)
                ? find(guest, Kind.IPV6_ADDRESS, wantsAddress).map(Resource::ipv6)
                : guest.addressInOwnPrefix();
        Optional<Ipv6Prefix> prefix =
                find(guest, Kind.DELEGATED_PREFIX, wantsPrefix).map(Resource::prefix);
        if ((wantsAddress && address.isEmpty()) || (wantsPrefix && prefix.isEmpty())) {
            guest.link().countExhausted();
        }
        Dhcpv6Binding binding = binding(guest, address, prefix, guest.network().leaseSeconds());
        switch (responder.respond(frame, frame.length, binding)) {
            case Outcome.Reply reply -> reply(guest, binding, reply, frame);
            case Outcome.Ignored(String reason) -> LOG.debug("{}: DHCPv6 message ignored: {}", guest, reason);
        }
    }

    /** What the guest has of a kind, or is to have if it asks for it. */
    private Optional<Resource> find(Guest guest, Kind kind, boolean wanted) {
        return wanted ? book.offer(guest.client(), kind) : book.held(guest.client(), kind);
    }

    private static boolean delegates(Guest guest) {
        return guest.ipv6Network().flatMap(Ipv6Network::delegation).isPresent();
    }

    /** Whether the guest's addresses come one by one, and not with a /64 that is its own. */
    private static boolean isPooled(Guest guest) {
        return guest.ipv6Kind().equals(Optional.of(Kind.IPV6_ADDRESS));
    }

    private void reply(Guest guest, Dhcpv6Binding binding, Outcome.Reply reply, byte[] frame) {
        end(guest, binding, reply);
        List<Resource> granted = resources(guest, binding, reply.granted());
        if (granted.isEmpty()) {
            turn.send(guest, reply.frame());
            return;
        }
        turn.change(guest);
        for (Resource resource : granted) {
            if (!book.grant(guest.client(), resource, binding.validSeconds())) {
                return; // what the reply promises cannot be had: the client asks again
            }
        }
        turn.promise(guest, reply.frame(), () -> withWhatIsLeft(guest, frame));
    }

    private void end(Guest guest, Dhcpv6Binding binding, Outcome.Reply reply) {
        for (Resource resource : resources(guest, binding, reply.released())) {
            book.release(guest.client(), resource.kind());
        }
        for (Resource resource : resources(guest, binding, reply.declined())) {
            turn.decline(book, guest, resource);
        }
        if (!reply.released().isEmpty()) {
            turn.change(guest);
        }
    }

    /** What the book knows of it; an address in the guest's own /64 is in force whatever the guest does with it. */
    private static List<Resource> resources(Guest guest, Dhcpv6Binding binding, Set<Dhcpv6Resource> named) {
        List<Resource> resources = new ArrayList<>();
        if (named.contains(Dhcpv6Resource.ADDRESS) && isPooled(guest)) {
            binding.address().map(Resource::of).ifPresent(resources::add);
        }
        if (named.contains(Dhcpv6Resource.PREFIX)) {
            binding.delegated().map(Resource::delegated).ifPresent(resources::add);
        }
        return resources;
    }

    /**
     * Leases that cannot be extended are still the guest's until they end; an address that the configuration fixes, or in its
     * own /64, is the guest's whatever the journal says.
     */
    private Optional<byte[]> withWhatIsLeft(Guest guest, byte[] frame) {
        boolean leased = isPooled(guest) && !guest.config().hasIpv6();
        Optional<Lease> address = leased ? book.lease(guest.client(), Kind.IPV6_ADDRESS) : Optional.empty();
        Optional<Lease> prefix = book.lease(guest.client(), Kind.DELEGATED_PREFIX);
        long now = clock.instant().getEpochSecond();
        long seconds = Math.min(remaining(address, now), remaining(prefix, now));
        if (seconds == 0) {
            return Optional.empty();
        }
        Dhcpv6Binding binding = binding(
                guest,
                leased ? address.map(its -> its.resource().ipv6()) : guest.addressInOwnPrefix(),
                prefix.map(its -> its.resource().prefix()),
                guest.network().leaseSeconds());
        int most = (int) Math.min(seconds, binding.validSeconds());
        Outcome outcome = responder.respond(
                frame, frame.length, binding.withLifetimes(Math.min(binding.preferredSeconds(), most), most));
        return outcome instanceof Outcome.Reply reply ? Optional.of(reply.frame()) : Optional.empty();
    }

    private static long remaining(Optional<Lease> lease, long now) {
        return lease.map(its -> its.remainingSeconds(now)).orElse(Lease.NEVER);
    }

    /** Valid for twice as long as it is preferred, so that connections outlive a renewal that fails. */
    private static Dhcpv6Binding binding(
            Guest guest, Optional<Ipv6Address> address, Optional<Ipv6Prefix> prefix, int leaseSeconds) {
        GuestInformation told = guest.config().information();
        return new Dhcpv6Binding(
                guest.config().mac(),
                address,
                prefix,
                told.dns6(),
                told.search(),
                told.ntp6(),
                leaseSeconds,
                2 * leaseSeconds);
    }
}
