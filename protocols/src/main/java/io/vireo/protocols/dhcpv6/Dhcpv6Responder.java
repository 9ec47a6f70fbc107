package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.RequestType.Identifiers;
import io.vireo.protocols.ethernet.MacAddress;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The server's side of DHCPv6 (RFC 8415 section 18.3). Keeps no state: what a guest may have is its binding, whatever it
 * asked before. Any thread may use it.
 */
public final class Dhcpv6Responder {
    /** Messages that may lead to a lease. */
    private static final Set<RequestType> ASKING = EnumSet.of(
            RequestType.SOLICIT, RequestType.REQUEST, RequestType.CONFIRM, RequestType.RENEW, RequestType.REBIND);

    /** What became of a frame. */
    public sealed interface Outcome {
        /**
         * Send this, once what is granted is durable. At most one of the sets is not empty.
         *
         * @param frame a whole Ethernet frame with full checksum, the receiver's to keep; only identity makes two equal
         * @param granted what the guest holds, for the binding's valid lifetime from now; what it had is renewed by that
         * @param released what the guest does not hold any more, by its own wish
         * @param declined as {@code released}, because somebody else uses it
         */
        @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared or shared.
        record Reply(
                byte[] frame, Set<Dhcpv6Resource> granted, Set<Dhcpv6Resource> released, Set<Dhcpv6Resource> declined)
                implements Outcome {}

        /**
         * Send nothing.
         *
         * @param reason for a log; holds numbers of the guest's choosing, never its text
         */
        record Ignored(String reason) implements Outcome {}
    }

    /**
     * Answers a frame of the guest that {@code binding} belongs to. Everything in the frame is checked, except that a
     * unicast address it is for is one of the gateway's: the caller's routing has decided that it is for us.
     *
     * @param frame holds a whole Ethernet frame in its first {@code length} bytes; read only
     * @throws IndexOutOfBoundsException if {@code length} is not within the array; for nothing a guest sends
     */
    public Outcome respond(byte[] frame, int length, Dhcpv6Binding binding) {
        Objects.checkFromIndexSize(0, length, frame.length);
        try {
            Dhcpv6Frame request = Dhcpv6Frame.open(frame, length, binding.mac());
            Optional<RequestType> type = RequestType.of(request.message().type());
            if (type.isEmpty()) {
                return new Outcome.Ignored("type at byte 0 is %d, not a client's"
                        .formatted(request.message().type()));
            }
            Optional<String> refusal = refusal(type.get(), request);
            return refusal.isPresent()
                    ? new Outcome.Ignored(type.get() + refusal.get())
                    : new Exchange(request, binding).answer(type.get());
        } catch (Dhcpv6FormatException e) {
            return new Outcome.Ignored(String.valueOf(e.getMessage()));
        }
    }

    /**
     * What a frame, if it is valid at all, asks for that the guest may be granted: it need be looked for only then.
     *
     * @param frame as for {@link #respond}
     */
    public static Set<Dhcpv6Resource> asksFor(byte[] frame, int length, MacAddress guest) {
        Objects.checkFromIndexSize(0, length, frame.length);
        try {
            Dhcpv6Frame request = Dhcpv6Frame.open(frame, length, guest);
            boolean asks = request.multicast()
                    && RequestType.of(request.message().type())
                            .filter(type -> ASKING.contains(type)
                                    && refusal(type, request).isEmpty())
                            .isPresent();
            return asks ? associated(request.message()) : Set.of();
        } catch (Dhcpv6FormatException e) {
            return Set.of();
        }
    }

    private static Set<Dhcpv6Resource> associated(Dhcpv6Message message) {
        Set<Dhcpv6Resource> resources = EnumSet.noneOf(Dhcpv6Resource.class);
        for (IdentityAssociation association : message.associations()) {
            switch (association.type()) {
                case IA_NA -> resources.add(Dhcpv6Resource.ADDRESS);
                case IA_TA -> {}
                case IA_PD -> resources.add(Dhcpv6Resource.PREFIX);
            }
        }
        return resources;
    }

    /** Which messages are not valid (section 16), or not for this server. */
    private static Optional<String> refusal(RequestType type, Dhcpv6Frame request) {
        Dhcpv6Message message = request.message();
        Optional<Duid> server = message.server();
        if (type.identifiers() != Identifiers.ANY && message.client().isEmpty()) {
            return Optional.of(" without a client identifier");
        }
        if (type.identifiers() == Identifiers.CLIENT && server.isPresent()) {
            return Optional.of(" with a server identifier");
        }
        if (type.identifiers() == Identifiers.CLIENT_AND_SERVER && server.isEmpty()) {
            return Optional.of(" without a server identifier");
        }
        if (server.isPresent() && !server.get().equals(Duid.SERVER)) {
            return Optional.of(" for another server");
        }
        if (type == RequestType.INFORMATION_REQUEST && !message.associations().isEmpty()) {
            return Optional.of(" with an identity association");
        }
        return type.identifiers() == Identifiers.CLIENT && !request.multicast()
                ? Optional.of(" by unicast")
                : Optional.empty();
    }
}
