package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.Dhcpv6Responder.Outcome;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One valid message of a client, and what the server does about it (RFC 8415 section 18.3). */
final class Exchange {
    /** Every link carries a packet of so many bytes (RFC 8200 section 5), and nobody makes fragments of ours. */
    private static final int MAXIMUM_PACKET = 1280;

    private static final Set<AssociationType> ADDRESSES = Set.of(AssociationType.IA_NA, AssociationType.IA_TA);

    private final Dhcpv6Frame frame;
    private final Dhcpv6Message request;
    private final Dhcpv6Binding binding;
    private final Dhcpv6Reply reply;

    Exchange(Dhcpv6Frame frame, Dhcpv6Binding binding) {
        this.frame = frame;
        this.binding = binding;
        request = frame.message();
        reply = new Dhcpv6Reply(request, binding);
    }

    Outcome answer(RequestType type) {
        if (!frame.multicast()) {
            // Section 18.4: nobody was sent a Server Unicast option.
            reply.addStatus(Dhcpv6Status.USE_MULTICAST);
            return reply(Dhcpv6Message.REPLY, Set.of(), Set.of(), Set.of());
        }
        return switch (type) {
            case SOLICIT -> solicit();
            case REQUEST -> lease(false);
            case RENEW, REBIND -> lease(true);
            case CONFIRM -> confirm();
            case RELEASE -> {
                reply.takeBack(Set.of(AssociationType.values()));
                yield reply(Dhcpv6Message.REPLY, Set.of(), reply.resources(), Set.of());
            }
            case DECLINE -> {
                // A prefix cannot be declined (section 18.2.8): whatever a message says of one is passed over.
                reply.takeBack(ADDRESSES);
                yield reply(Dhcpv6Message.REPLY, Set.of(), Set.of(), reply.resources());
            }
            case INFORMATION_REQUEST -> {
                reply.addConfiguration();
                yield reply(Dhcpv6Message.REPLY, Set.of(), Set.of(), Set.of());
            }
        };
    }

    /** Section 18.3.1. Rapid commit is for a commitment: without anything to commit to, the client hears an offer of none. */
    private Outcome solicit() {
        reply.assign(false);
        boolean commit =
                request.has(Dhcpv6OptionCode.RAPID_COMMIT) && !reply.resources().isEmpty();
        if (commit) {
            reply.addRapidCommit();
        } else {
            reply.addPreference();
        }
        reply.addConfiguration();
        return commit
                ? reply(Dhcpv6Message.REPLY, reply.resources(), Set.of(), Set.of())
                : reply(Dhcpv6Message.ADVERTISE, Set.of(), Set.of(), Set.of());
    }

    /**
     * Sections 18.3.2, 18.3.4 and 18.3.5. A lease that the server does not know of is made anew: who else could hold what
     * is the guest's?
     */
    private Outcome lease(boolean revoke) {
        reply.assign(revoke);
        reply.addConfiguration();
        return reply(Dhcpv6Message.REPLY, reply.resources(), Set.of(), Set.of());
    }

    /**
     * Section 18.3.3. A guest can use no address of its link but its own. What it may use again is granted again, so that
     * it is in force even if the lease was lost here.
     */
    private Outcome confirm() {
        List<Ipv6Prefix> named = request.associations().stream()
                .filter(association -> ADDRESSES.contains(association.type()))
                .flatMap(IdentityAssociation::resources)
                .distinct()
                .toList();
        if (named.isEmpty()) {
            return new Outcome.Ignored("CONFIRM of no address");
        }
        Optional<Ipv6Prefix> own = binding.resource(AssociationType.IA_NA);
        boolean onLink = own.isPresent() && named.equals(List.of(own.get()));
        reply.addStatus(onLink ? Dhcpv6Status.SUCCESS : Dhcpv6Status.NOT_ON_LINK);
        Set<Dhcpv6Resource> granted = onLink ? Set.of(Dhcpv6Resource.ADDRESS) : Set.of();
        return reply(Dhcpv6Message.REPLY, granted, Set.of(), Set.of());
    }

    private Outcome reply(
            int type, Set<Dhcpv6Resource> granted, Set<Dhcpv6Resource> released, Set<Dhcpv6Resource> declined) {
        byte[] sealed = frame.seal(reply.message(type), binding.mac());
        int packet = sealed.length - EthernetFrame.HEADER_LENGTH;
        if (packet > MAXIMUM_PACKET) {
            return new Outcome.Ignored("a reply of %d bytes, more than %d".formatted(packet, MAXIMUM_PACKET));
        }
        return new Outcome.Reply(sealed, granted, released, declined);
    }
}
