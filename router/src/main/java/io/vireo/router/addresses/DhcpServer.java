package io.vireo.router.addresses;

import io.vireo.protocols.dhcp.DhcpBinding;
import io.vireo.protocols.dhcp.DhcpParameters;
import io.vireo.protocols.dhcp.DhcpResponder;
import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.leases.Kind;
import io.vireo.router.leases.LeaseBook;
import io.vireo.router.leases.Resource;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DHCP for IPv4: what the responder decides, done to the leases. */
final class DhcpServer {
    private static final Logger LOG = LoggerFactory.getLogger(DhcpServer.class);

    /** A label of RFC 1123, 2.1. */
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    private final DhcpResponder responder = new DhcpResponder();
    private final LeaseBook book;
    private final Turn turn;
    private final InstantSource clock;

    DhcpServer(LeaseBook book, Turn turn, InstantSource clock) {
        this.book = book;
        this.turn = turn;
        this.clock = clock;
    }

    /** @param frame a whole Ethernet frame; malformed ones are ignored */
    void receive(Guest guest, byte[] frame) {
        boolean wanted =
                DhcpResponder.asksForAddress(frame, frame.length, guest.config().mac());
        Optional<Ipv4Address> address = (wanted
                        ? book.offer(guest.client(), Kind.IPV4)
                        : book.held(guest.client(), Kind.IPV4))
                .map(Resource::ipv4);
        if (wanted && address.isEmpty()) {
            guest.link().countExhausted();
        }
        DhcpBinding binding = binding(guest, address, guest.network().leaseSeconds());
        switch (responder.respond(frame, frame.length, binding)) {
            case Outcome.Ack ack -> acknowledge(guest, binding, ack, frame);
            case Outcome.Answer answer -> turn.send(guest, answer.frame());
            case Outcome.Released() -> {
                book.release(guest.client(), Kind.IPV4);
                turn.change(guest);
            }
            case Outcome.Declined(Ipv4Address declined) -> turn.decline(book, guest, Resource.of(declined));
            case Outcome.Ignored(String reason) -> LOG.debug("{}: DHCP message ignored: {}", guest, reason);
        }
    }

    private void acknowledge(Guest guest, DhcpBinding binding, Outcome.Ack ack, byte[] frame) {
        binding.address().ifPresent(address -> {
            if (book.grant(guest.client(), Resource.of(address), ack.seconds())) {
                turn.change(guest);
                turn.promise(
                        guest,
                        ack.frame(),
                        () -> guest.config().hasIpv4()
                                ? Optional.of(ack.frame()) // its own whatever the journal says
                                : withWhatIsLeft(guest, binding, frame));
            }
        });
    }

    /** A lease that cannot be extended is still the guest's until it ends. */
    private Optional<byte[]> withWhatIsLeft(Guest guest, DhcpBinding binding, byte[] frame) {
        long now = clock.instant().getEpochSecond();
        long seconds = book.lease(guest.client(), Kind.IPV4)
                .filter(lease -> Optional.of(lease.resource().ipv4()).equals(binding.address()))
                .map(lease -> lease.remainingSeconds(now))
                .orElse(0L);
        if (seconds == 0) {
            return Optional.empty();
        }
        int most = (int) Math.min(seconds, binding.leaseSeconds());
        Outcome outcome = responder.respond(frame, frame.length, binding(guest, binding.address(), most));
        return outcome instanceof Outcome.Ack ack ? Optional.of(ack.frame()) : Optional.empty();
    }

    private static DhcpBinding binding(Guest guest, Optional<Ipv4Address> address, int leaseSeconds) {
        NetworkConfig network = guest.network();
        GuestInformation told = guest.config().information();
        return new DhcpBinding(
                guest.config().mac(),
                address,
                network.ipv4(),
                network.addressing() == Addressing.ROUTED,
                network.gateway(),
                told.dns(),
                guest.config().mtu(),
                leaseSeconds,
                parameters(guest.config().name(), told));
    }

    /** The guest's name is its host name, if it can be one. */
    private static DhcpParameters parameters(String name, GuestInformation told) {
        return new DhcpParameters(
                HOST_NAME.matcher(name).matches() ? Optional.of(name) : Optional.empty(),
                told.domain(),
                told.search(),
                told.ntp(),
                told.bootServer(),
                told.bootFile(),
                told.options());
    }
}
