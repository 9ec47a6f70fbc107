package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.ClientIdentifier;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.OptionRequest;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.ServerIdentifier;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A message between client and server as a value (RFC 8415 section 8). Immutable.
 *
 * @param type of a client's see {@link RequestType}; unknown ones pass through as they are
 * @param transactionId 24 bits
 * @param options in the order of the wire
 */
record Dhcpv6Message(int type, int transactionId, List<Dhcpv6Option> options) {
    static final int ADVERTISE = 2;
    static final int REPLY = 7;

    static final int HEADER_LENGTH = 4;

    Dhcpv6Message {
        options = List.copyOf(options);
    }

    private <T extends Dhcpv6Option> Stream<T> all(Class<T> kind) {
        return options.stream().filter(kind::isInstance).map(kind::cast);
    }

    Optional<Duid> client() {
        return all(ClientIdentifier.class).findFirst().map(ClientIdentifier::duid);
    }

    Optional<Duid> server() {
        return all(ServerIdentifier.class).findFirst().map(ServerIdentifier::duid);
    }

    List<IdentityAssociation> associations() {
        return all(IdentityAssociation.class).toList();
    }

    /** The codes the client asks for; empty if it leaves the choice to the server. */
    Optional<List<Integer>> requested() {
        return all(OptionRequest.class).findFirst().map(OptionRequest::codes);
    }

    boolean has(int code) {
        return options.stream().anyMatch(option -> option.code() == code);
    }

    byte[] encode() {
        byte[] encoded = Dhcpv6Option.encode(options);
        return ByteBuffer.allocate(HEADER_LENGTH + encoded.length)
                .putInt(type << 24 | transactionId)
                .put(encoded)
                .array();
    }
}
