package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.ClientIdentifier;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Lease;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.OptionRequest;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Other;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.ServerIdentifier;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a message between client and server (RFC 8415 sections 8 and 21), big-endian. One object reads one message.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    msg-type   |               transaction-id                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          option-code          |           option-len          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          option-data (option-len bytes), then the next option |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Options nest in identity associations, and in what those hold; so deep and no deeper, as each such option has its one
 * place.
 */
final class Dhcpv6Parser {
    /** In all; clients send a dozen. */
    static final int MAXIMUM_OPTIONS = 64;

    /** Where the message's own options are, as opposed to the code of an option around them. */
    private static final int MESSAGE = 0;

    private static final int RELAY_FORW = 12;
    private static final int RELAY_REPL = 13;

    /** Those of a client that may be there once (RFC 8415 section 21, appendix C); others may be repeated. */
    private static final Set<Integer> SINGLETONS = Set.of(
            Dhcpv6OptionCode.CLIENT_IDENTIFIER,
            Dhcpv6OptionCode.SERVER_IDENTIFIER,
            Dhcpv6OptionCode.OPTION_REQUEST,
            Dhcpv6OptionCode.ELAPSED_TIME,
            Dhcpv6OptionCode.AUTHENTICATION,
            Dhcpv6OptionCode.RAPID_COMMIT,
            Dhcpv6OptionCode.USER_CLASS,
            Dhcpv6OptionCode.RECONFIGURE_ACCEPT);

    private final ByteBuffer in;
    private final Set<Long> seen = new HashSet<>();
    private int count;

    private Dhcpv6Parser(byte[] message) {
        in = ByteBuffer.wrap(message);
    }

    /**
     * Parses the payload of a UDP datagram.
     *
     * @throws Dhcpv6FormatException if anything in it does not fit, or it is not between a client and a server
     */
    static Dhcpv6Message parse(byte[] message) throws Dhcpv6FormatException {
        return new Dhcpv6Parser(message).message();
    }

    private Dhcpv6Message message() throws Dhcpv6FormatException {
        int length = in.remaining();
        require(length >= Dhcpv6Message.HEADER_LENGTH, "message of %d bytes ends within its header", length);
        int header = in.getInt();
        int type = header >>> 24;
        require(type != RELAY_FORW && type != RELAY_REPL, "type at byte 0 is %d, a relay agent's", type);
        return new Dhcpv6Message(type, header & 0xFF_FFFF, options(in.limit(), MESSAGE));
    }

    private List<Dhcpv6Option> options(int end, int enclosing) throws Dhcpv6FormatException {
        List<Dhcpv6Option> options = new ArrayList<>();
        while (in.position() < end) {
            int at = in.position();
            require(end - at >= Dhcpv6Option.HEADER_LENGTH, "option at byte %d ends within its header", at);
            require(++count <= MAXIMUM_OPTIONS, "more than %d options at byte %d", MAXIMUM_OPTIONS, at);
            int code = u16();
            int length = u16();
            int left = end - in.position();
            require(length <= left, "option %d at byte %d is %d bytes long, but %d are left", code, at, length, left);
            Dhcpv6Option option = option(code, at, length, enclosing);
            if (enclosing == MESSAGE) {
                requireFirst(option, at);
            }
            options.add(option);
        }
        return options;
    }

    /** Reads the value at the position, exactly. */
    private Dhcpv6Option option(int code, int at, int length, int enclosing) throws Dhcpv6FormatException {
        return switch (code) {
            case Dhcpv6OptionCode.CLIENT_IDENTIFIER -> new ClientIdentifier(duid(code, at, length));
            case Dhcpv6OptionCode.SERVER_IDENTIFIER -> new ServerIdentifier(duid(code, at, length));
            case Dhcpv6OptionCode.IA_NA, Dhcpv6OptionCode.IA_TA, Dhcpv6OptionCode.IA_PD -> {
                require(enclosing == MESSAGE, "option %d at byte %d is inside option %d", code, at, enclosing);
                yield association(AssociationType.of(code).orElseThrow(), at, length);
            }
            case Dhcpv6OptionCode.IA_ADDRESS, Dhcpv6OptionCode.IA_PREFIX -> {
                boolean inPlace = AssociationType.of(enclosing)
                        .filter(type -> type.leaseCode() == code)
                        .isPresent();
                require(inPlace, "option %d at byte %d is in no association of its kind", code, at);
                yield lease(code, at, length);
            }
            case Dhcpv6OptionCode.OPTION_REQUEST -> optionRequest(at, length);
            case Dhcpv6OptionCode.RAPID_COMMIT -> {
                require(length == 0, "rapid commit at byte %d is %d bytes long, not 0", at, length);
                yield new Other(code, octets(length));
            }
            case Dhcpv6OptionCode.RELAY_MESSAGE ->
                throw new Dhcpv6FormatException("option %d at byte %d is a relay agent's".formatted(code, at));
            default -> new Other(code, octets(length));
        };
    }

    private Duid duid(int code, int at, int length) throws Dhcpv6FormatException {
        require(
                length > 0 && length <= Duid.MAXIMUM_LENGTH,
                "option %d at byte %d is %d bytes long, not 1 to %d",
                code,
                at,
                length,
                Duid.MAXIMUM_LENGTH);
        return new Duid(octets(length));
    }

    private IdentityAssociation association(AssociationType type, int at, int length) throws Dhcpv6FormatException {
        int end = in.position() + length;
        int fixed = type.hasTimes() ? 3 * Integer.BYTES : Integer.BYTES;
        require(length >= fixed, "option %d at byte %d is %d bytes long, not %d", type.code(), at, length, fixed);
        int iaid = in.getInt();
        int renewalSeconds = type.hasTimes() ? in.getInt() : 0;
        int rebindingSeconds = type.hasTimes() ? in.getInt() : 0;
        return new IdentityAssociation(type, iaid, renewalSeconds, rebindingSeconds, options(end, type.code()));
    }

    private Lease lease(int code, int at, int length) throws Dhcpv6FormatException {
        boolean isAddress = code == Dhcpv6OptionCode.IA_ADDRESS;
        int end = in.position() + length;
        int fixed = isAddress ? Ipv6Address.LENGTH + 8 : 9 + Ipv6Address.LENGTH;
        require(length >= fixed, "option %d at byte %d is %d bytes long, not %d", code, at, length, fixed);
        Ipv6Address address = isAddress ? address() : Ipv6Address.UNSPECIFIED;
        int preferredSeconds = in.getInt();
        int validSeconds = in.getInt();
        int prefixLength = 8 * Ipv6Address.LENGTH;
        if (!isAddress) {
            prefixLength = in.get() & 0xFF;
            require(
                    prefixLength <= 8 * Ipv6Address.LENGTH,
                    "prefix of option %d at byte %d has %d bits",
                    code,
                    at,
                    prefixLength);
            address = address();
        }
        options(end, code); // for their format; nothing a client puts there matters to us
        return new Lease(code, Ipv6Prefix.of(address, prefixLength), preferredSeconds, validSeconds);
    }

    private OptionRequest optionRequest(int at, int length) throws Dhcpv6FormatException {
        require(length % Short.BYTES == 0, "option request at byte %d is %d bytes long, an odd number", at, length);
        List<Integer> codes = new ArrayList<>();
        for (int i = 0; i < length / Short.BYTES; i++) {
            codes.add(u16());
        }
        return new OptionRequest(codes);
    }

    /** An association is known by its type and IAID (section 12), and so may not be there twice either. */
    private void requireFirst(Dhcpv6Option option, int at) throws Dhcpv6FormatException {
        if (option instanceof IdentityAssociation association) {
            long key = (long) association.code() << 32 | Integer.toUnsignedLong(association.iaid());
            require(seen.add(key), "option %d at byte %d has the IAID of one before it", association.code(), at);
        } else if (SINGLETONS.contains(option.code())) {
            require(seen.add((long) option.code() << 32), "option %d is there again at byte %d", option.code(), at);
        }
    }

    private static void require(boolean condition, String otherwise, Object... numbers) throws Dhcpv6FormatException {
        if (!condition) {
            throw new Dhcpv6FormatException(otherwise.formatted(numbers));
        }
    }

    private int u16() {
        return in.getShort() & 0xFFFF;
    }

    private Ipv6Address address() {
        return Ipv6Address.of(octets(Ipv6Address.LENGTH), 0);
    }

    private byte[] octets(int length) {
        byte[] octets = new byte[length];
        in.get(octets);
        return octets;
    }
}
