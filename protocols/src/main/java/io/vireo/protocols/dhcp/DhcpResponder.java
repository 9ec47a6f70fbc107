package io.vireo.protocols.dhcp;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The server's side of DHCP for a guest (RFC 2131 section 4.3). Keeps no state: what the guest has or may have is in the
 * binding, and does not depend on what it asked before. Any thread may use it.
 */
public final class DhcpResponder {
    /** What one option carries; a longer identifier, which no client has, would make long replies. */
    private static final int MAXIMUM_CLIENT_IDENTIFIER = 255;

    /** RFC 2132 section 9.10: what every client takes, and the least it may ask for; headers of IP and UDP counted. */
    private static final int DEFAULT_DATAGRAM = 576;

    /** Messages that may lead to a lease. */
    private static final Set<DhcpMessageType> ASKING = Set.of(DhcpMessageType.DISCOVER, DhcpMessageType.REQUEST);

    /** What became of a frame. */
    public sealed interface Outcome {
        /** Send a frame: a whole Ethernet frame with full checksums, the receiver's to keep. */
        sealed interface Answer extends Outcome {
            byte[] frame();
        }

        /** An OFFER. Nothing is granted yet. */
        @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared or shared, as below.
        record Offer(byte[] frame) implements Answer {}

        /**
         * An ACK that grants the binding's address: to be made durable before the frame leaves.
         *
         * @param seconds for how long, from now; at most what the binding says
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Ack(byte[] frame, int seconds) implements Answer {}

        /** A NAK: the guest is not to use the address it asked for. Nothing changes here. */
        @SuppressWarnings("ArrayRecordComponent")
        record Nak(byte[] frame) implements Answer {}

        /** The ACK of an INFORM: grants nothing. */
        @SuppressWarnings("ArrayRecordComponent")
        record Information(byte[] frame) implements Answer {}

        /** The guest gives up the binding's address. Nothing is sent. */
        record Released() implements Outcome {}

        /**
         * The guest found the binding's address in use by another. Nothing is sent.
         *
         * @param address the binding's
         */
        record Declined(Ipv4Address address) implements Outcome {}

        /**
         * Send nothing.
         *
         * @param reason for a log; holds numbers of the guest's choosing, never its text
         */
        record Ignored(String reason) implements Outcome {}
    }

    /**
     * Answers a frame of the guest that {@code binding} belongs to. Everything in the frame is checked; where it is
     * addressed to is not, as the caller's routing has decided that it is for us.
     *
     * @param frame holds a whole Ethernet frame in its first {@code length} bytes; read only
     * @throws IndexOutOfBoundsException if {@code length} is not within the array; for nothing a guest sends
     */
    public Outcome respond(byte[] frame, int length, DhcpBinding binding) {
        Objects.checkFromIndexSize(0, length, frame.length);
        try {
            return respond(DhcpFrame.open(frame, length), binding);
        } catch (DhcpFormatException e) {
            return new Outcome.Ignored(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Whether a frame, if it is valid at all, asks for an address: one need be looked for only then.
     *
     * @param frame as for {@link #respond}
     * @param guest whose frame it is
     */
    public static boolean asksForAddress(byte[] frame, int length, MacAddress guest) {
        Objects.checkFromIndexSize(0, length, frame.length);
        try {
            DhcpMessage request = DhcpFrame.open(frame, length);
            return refusal(request, guest).isEmpty()
                    && request.messageType().filter(ASKING::contains).isPresent();
        } catch (DhcpFormatException e) {
            return false;
        }
    }

    private static Outcome respond(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        Optional<String> refusal = refusal(request, binding.mac());
        if (refusal.isPresent()) {
            return new Outcome.Ignored(refusal.get());
        }
        Optional<DhcpMessageType> type = request.messageType();
        if (type.isEmpty()) {
            return new Outcome.Ignored("no DHCP message type, or an unknown one");
        }
        return switch (type.get()) {
            case DISCOVER -> respondToDiscover(request, binding);
            case REQUEST -> respondToRequest(request, binding);
            case DECLINE -> respondToDecline(request, binding);
            case RELEASE -> respondToRelease(request, binding);
            case INFORM -> respondToInform(request, binding);
            case OFFER, ACK, NAK -> new Outcome.Ignored("DHCP " + type.get() + " is a server's message");
        };
    }

    private static Optional<String> refusal(DhcpMessage request, MacAddress guest) {
        if (request.op() != DhcpMessage.BOOTREQUEST) {
            return Optional.of("op is %d, not BOOTREQUEST".formatted(request.op()));
        }
        if (request.htype() != DhcpMessage.ETHERNET) {
            return Optional.of("htype is %d, not Ethernet".formatted(request.htype()));
        }
        if (request.giaddr() != 0) {
            return Optional.of("came through a relay agent");
        }
        if (request.option(DhcpOption.RELAY_AGENT_INFORMATION).isPresent()) {
            return Optional.of("claims to come through a relay agent (82)");
        }
        if (!request.chaddr().equals(guest)) {
            return Optional.of("chaddr is %s, not the guest's %s".formatted(request.chaddr(), guest));
        }
        return request.option(DhcpOption.CLIENT_IDENTIFIER)
                .filter(identifier -> identifier.length > MAXIMUM_CLIENT_IDENTIFIER)
                .map(identifier -> "client identifier of %d bytes".formatted(identifier.length));
    }

    private static Outcome respondToDiscover(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        if (binding.address().isEmpty()) {
            return new Outcome.Ignored("DHCP DISCOVER, but no address is left");
        }
        Ipv4Address address = binding.address().get();
        return DhcpReply.isRapid(request)
                ? acknowledge(request, binding, address)
                : new Outcome.Offer(seal(request, DhcpReply.offer(request, binding, address), binding));
    }

    /** RFC 2131 section 4.3.2 and its table 4: which fields are there tells the client's state. */
    private static Outcome respondToRequest(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        OptionalInt server = request.intOption(DhcpOption.SERVER_IDENTIFIER);
        if (server.isPresent() && !isUs(server, binding)) {
            return new Outcome.Ignored("the client chose another server");
        }
        // SELECTING and INIT-REBOOT ask by option, RENEWING and REBINDING by the address they use.
        OptionalInt option = request.intOption(DhcpOption.REQUESTED_IP_ADDRESS);
        int requested = option.orElse(request.ciaddr());
        if (requested == 0) {
            return new Outcome.Ignored("DHCP REQUEST for no address");
        }
        // Whatever the state, nobody else on the guest's link could know better: another address is refused, where RFC
        // 2131 would have a server be silent about clients it does not know.
        boolean asked = request.ciaddr() == 0 || request.ciaddr() == requested;
        Optional<Ipv4Address> granted = binding.address().filter(address -> asked && address.value() == requested);
        return granted.isPresent()
                ? acknowledge(request, binding, granted.get())
                : new Outcome.Nak(seal(request, DhcpReply.nak(request, binding), binding));
    }

    private static Outcome respondToDecline(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        if (!isUs(request.intOption(DhcpOption.SERVER_IDENTIFIER), binding)) {
            return new Outcome.Ignored("DHCP DECLINE to no server or another");
        }
        int declined = request.intOption(DhcpOption.REQUESTED_IP_ADDRESS).orElse(0);
        Optional<Ipv4Address> bound = binding.address().filter(address -> address.value() == declined);
        return bound.isPresent()
                ? new Outcome.Declined(bound.get())
                : new Outcome.Ignored("DHCP DECLINE of an address that is not the guest's");
    }

    private static Outcome respondToRelease(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        if (!isUs(request.intOption(DhcpOption.SERVER_IDENTIFIER), binding)) {
            return new Outcome.Ignored("DHCP RELEASE to no server or another");
        }
        return binding.address()
                        .filter(address -> address.value() == request.ciaddr())
                        .isPresent()
                ? new Outcome.Released()
                : new Outcome.Ignored("DHCP RELEASE of an address that is not the guest's");
    }

    private static Outcome respondToInform(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        // Where the answer goes to, and where its mask and router are right.
        if (request.ciaddr() == 0 || !binding.network().contains(request.ciaddr())) {
            return new Outcome.Ignored("DHCP INFORM from an address that is not in the network");
        }
        return new Outcome.Information(seal(request, DhcpReply.information(request, binding), binding));
    }

    private static boolean isUs(OptionalInt server, DhcpBinding binding) {
        return server.isPresent()
                && server.getAsInt() == binding.serverIdentifier().value();
    }

    private static Outcome acknowledge(DhcpMessage request, DhcpBinding binding, Ipv4Address address)
            throws DhcpFormatException {
        byte[] frame = seal(request, DhcpReply.ack(request, binding, address), binding);
        return new Outcome.Ack(frame, DhcpReply.leaseSeconds(request, binding));
    }

    /** No longer than the client takes and the guest's link carries. */
    private static byte[] seal(DhcpMessage request, DhcpMessage reply, DhcpBinding binding) throws DhcpFormatException {
        int wanted = request.shortOption(DhcpOption.MAXIMUM_DHCP_MESSAGE_SIZE).orElse(0);
        int datagram = Math.min(Math.max(wanted, DEFAULT_DATAGRAM), binding.mtu());
        int message = Math.max(datagram - DhcpFrame.HEADERS, DhcpEncoder.MINIMUM_LENGTH);
        return DhcpFrame.seal(reply, binding.serverIdentifier().value(), message);
    }
}
