package io.vireo.protocols.dhcp;

import io.vireo.protocols.ethernet.MacAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A DHCP message as a value (RFC 2131 section 2); fields and options bear the names of RFC 2131 and 2132. Immutable: the
 * arrays in {@code options} are copied on the way in and out. Two messages are equal if they look the same on the wire.
 *
 * @param op 1 BOOTREQUEST, 2 BOOTREPLY
 * @param htype 1 Ethernet; no other hardware address has a place in {@code chaddr}
 * @param secs seconds, as the client counts them
 * @param flags the highest of 16 bits is {@link #BROADCAST_FLAG}
 * @param ciaddr like all addresses here, an IPv4 address with its first octet most significant
 * @param options value by code, in the order of the wire
 */
public record DhcpMessage(
        int op,
        int htype,
        int hops,
        int xid,
        int secs,
        int flags,
        int ciaddr,
        int yiaddr,
        int siaddr,
        int giaddr,
        MacAddress chaddr,
        Map<Integer, byte[]> options) {
    public static final int BOOTREQUEST = 1;
    public static final int BOOTREPLY = 2;
    public static final int ETHERNET = 1;
    public static final int BROADCAST_FLAG = 0x8000;

    public DhcpMessage {
        options = copyOf(options);
    }

    private static Map<Integer, byte[]> copyOf(Map<Integer, byte[]> options) {
        Map<Integer, byte[]> copy = LinkedHashMap.newLinkedHashMap(options.size());
        options.forEach((code, value) -> {
            if (code <= DhcpOption.PAD || code >= DhcpOption.END) {
                throw new IllegalArgumentException("option code %d is not within 1 to 254".formatted(code));
            }
            copy.put(code, value.clone());
        });
        return Collections.unmodifiableMap(copy);
    }

    /**
     * Parses the payload of a UDP datagram.
     *
     * @throws DhcpFormatException if anything in it does not fit
     */
    public static DhcpMessage parse(byte[] message) throws DhcpFormatException {
        return DhcpCodec.parse(message);
    }

    /** As {@link #parse(byte[])}, of all bytes of the segment. */
    public static DhcpMessage parse(MemorySegment message) throws DhcpFormatException {
        return parse(message.toArray(ValueLayout.JAVA_BYTE));
    }

    /** The wire form, padded to the 300 bytes a BOOTP relay or client may insist on (RFC 1542 section 2.1). */
    public byte[] encode() {
        return DhcpCodec.encode(this);
    }

    @Override
    public Map<Integer, byte[]> options() {
        return copyOf(options);
    }

    public Optional<byte[]> option(int code) {
        return Optional.ofNullable(options.get(code)).map(byte[]::clone);
    }

    /**
     * Option 53; empty if absent or of a code not known here.
     *
     * @throws DhcpFormatException if it is not one byte long
     */
    public Optional<DhcpMessageType> messageType() throws DhcpFormatException {
        Optional<byte[]> type = fixedLengthOption(DhcpOption.DHCP_MESSAGE_TYPE, 1);
        return type.flatMap(value -> DhcpMessageType.of(value[0] & 0xFF));
    }

    /**
     * An option whose value is one IPv4 address.
     *
     * @throws DhcpFormatException if it is there, but not four bytes long
     */
    public OptionalInt addressOption(int code) throws DhcpFormatException {
        return fixedLengthOption(code, Integer.BYTES).stream()
                .mapToInt(value ->
                        (value[0] & 0xFF) << 24 | (value[1] & 0xFF) << 16 | (value[2] & 0xFF) << 8 | (value[3] & 0xFF))
                .findFirst();
    }

    private Optional<byte[]> fixedLengthOption(int code, int length) throws DhcpFormatException {
        Optional<byte[]> value = option(code);
        if (value.isPresent() && value.get().length != length) {
            throw new DhcpFormatException(
                    "option %d is %d bytes long, not %d".formatted(code, value.get().length, length));
        }
        return value;
    }

    public boolean wantsBroadcast() {
        return (flags & BROADCAST_FLAG) != 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DhcpMessage message && Arrays.equals(encode(), message.encode());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encode());
    }
}
