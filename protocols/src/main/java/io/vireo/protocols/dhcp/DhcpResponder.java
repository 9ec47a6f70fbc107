package io.vireo.protocols.dhcp;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The server's side of DHCP for a guest whose address is fixed by its binding (RFC 2131 section 4.3). Keeps no state:
 * what a guest may have does not depend on what it asked before. Any thread may use it.
 */
public final class DhcpResponder {
    /** What one option carries; a longer identifier, which no client has, would make long replies. */
    private static final int MAXIMUM_CLIENT_IDENTIFIER = 255;

    /** What became of a frame. */
    public sealed interface Outcome {
        /**
         * Send this.
         *
         * @param frame a whole Ethernet frame with full checksums, the receiver's to keep; only identity makes two equal
         */
        @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared or shared.
        record Reply(byte[] frame) implements Outcome {}

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

    private static Outcome respond(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        Optional<String> refusal = refusal(request, binding);
        if (refusal.isPresent()) {
            return new Outcome.Ignored(refusal.get());
        }
        Optional<DhcpMessageType> type = request.messageType();
        if (type.isEmpty()) {
            return new Outcome.Ignored("no DHCP message type, or an unknown one");
        }
        return switch (type.get()) {
            case DISCOVER -> reply(DhcpReply.offer(request, binding), binding);
            case REQUEST -> respondToRequest(request, binding);
            case DECLINE, RELEASE, INFORM -> new Outcome.Ignored("DHCP " + type.get() + " is not served");
            case OFFER, ACK, NAK -> new Outcome.Ignored("DHCP " + type.get() + " is a server's message");
        };
    }

    private static Optional<String> refusal(DhcpMessage request, DhcpBinding binding) {
        if (request.op() != DhcpMessage.BOOTREQUEST) {
            return Optional.of("op is %d, not BOOTREQUEST".formatted(request.op()));
        }
        if (request.htype() != DhcpMessage.ETHERNET) {
            return Optional.of("htype is %d, not Ethernet".formatted(request.htype()));
        }
        if (request.giaddr() != 0) {
            return Optional.of("came through a relay agent");
        }
        if (!request.chaddr().equals(binding.mac())) {
            return Optional.of("chaddr is %s, not the guest's %s".formatted(request.chaddr(), binding.mac()));
        }
        return request.option(DhcpOption.CLIENT_IDENTIFIER)
                .filter(identifier -> identifier.length > MAXIMUM_CLIENT_IDENTIFIER)
                .map(identifier -> "client identifier of %d bytes".formatted(identifier.length));
    }

    /** RFC 2131 section 4.3.2 and its table 4: which fields are there tells the client's state. */
    private static Outcome respondToRequest(DhcpMessage request, DhcpBinding binding) throws DhcpFormatException {
        OptionalInt server = request.addressOption(DhcpOption.SERVER_IDENTIFIER);
        if (server.isPresent()
                && server.getAsInt() != binding.serverIdentifier().value()) {
            return new Outcome.Ignored("the client chose another server");
        }
        // SELECTING and INIT-REBOOT ask by option, RENEWING and REBINDING by the address they use.
        OptionalInt option = request.addressOption(DhcpOption.REQUESTED_IP_ADDRESS);
        int requested = option.orElse(request.ciaddr());
        if (requested == 0) {
            return new Outcome.Ignored("DHCP REQUEST for no address");
        }
        int bound = binding.address().value();
        boolean granted = requested == bound && (request.ciaddr() == 0 || request.ciaddr() == bound);
        return reply(granted ? DhcpReply.ack(request, binding) : DhcpReply.nak(request, binding), binding);
    }

    private static Outcome reply(DhcpMessage message, DhcpBinding binding) {
        return new Outcome.Reply(
                DhcpFrame.seal(message, binding.serverIdentifier().value()));
    }
}
