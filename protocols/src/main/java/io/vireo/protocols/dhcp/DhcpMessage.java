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
 * @param sname the server's name, one character a byte; empty if there is none or the field holds options
 * @param file the boot file's name, likewise
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
        String sname,
        String file,
        Map<Integer, byte[]> options) {
    public static final int BOOTREQUEST = 1;
    public static final int BOOTREPLY = 2;
    public static final int ETHERNET = 1;
    public static final int BROADCAST_FLAG = 0x8000;

    /** Bytes of {@code sname} and {@code file}, less the zero that ends them. */
    public static final int MAXIMUM_SNAME = 63;

    public static final int MAXIMUM_FILE = 127;

    public DhcpMessage {
        // The parser takes a field that lacks its zero as it is: a byte more.
        if (sname.length() > MAXIMUM_SNAME + 1 || file.length() > MAXIMUM_FILE + 1) {
            throw new IllegalArgumentException(
                    "sname of %d or file of %d bytes has no room".formatted(sname.length(), file.length()));
        }
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
        return DhcpParser.parse(message);
    }

    /** As {@link #parse(byte[])}, of all bytes of the segment. */
    public static DhcpMessage parse(MemorySegment message) throws DhcpFormatException {
        return parse(message.toArray(ValueLayout.JAVA_BYTE));
    }

    /** The wire form, padded to the 300 bytes a BOOTP relay or client may insist on (RFC 1542 section 2.1). */
    public byte[] encode() {
        return encode(Integer.MAX_VALUE);
    }

    /**
     * The wire form in at most {@code maximum} bytes. Options that find no room go into {@code file} and {@code sname} if
     * these are empty (option 52); those that find none there either are left out, the last ones first.
     *
     * @param maximum at least 300
     */
    public byte[] encode(int maximum) {
        return DhcpEncoder.encode(this, maximum);
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
     * An option whose value is four bytes: an IPv4 address or a number.
     *
     * @throws DhcpFormatException if it is there, but not four bytes long
     */
    public OptionalInt intOption(int code) throws DhcpFormatException {
        return fixedLengthOption(code, Integer.BYTES).stream()
                .mapToInt(value ->
                        (value[0] & 0xFF) << 24 | (value[1] & 0xFF) << 16 | (value[2] & 0xFF) << 8 | (value[3] & 0xFF))
                .findFirst();
    }

    /**
     * An option of two bytes, 0 to 65535.
     *
     * @throws DhcpFormatException if it is there, but not two bytes long
     */
    public OptionalInt shortOption(int code) throws DhcpFormatException {
        return fixedLengthOption(code, Short.BYTES).stream()
                .mapToInt(value -> (value[0] & 0xFF) << 8 | (value[1] & 0xFF))
                .findFirst();
    }

    /**
     * Whether an option without a value is there.
     *
     * @throws DhcpFormatException if it has one
     */
    public boolean hasFlagOption(int code) throws DhcpFormatException {
        return fixedLengthOption(code, 0).isPresent();
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
