package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.gateway.Gateway;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** The identifier of a client or server (RFC 8415 section 11): opaque octets, compared for equality alone. Immutable. */
final class Duid {
    /** Octets, the two of the type included (section 11.1). */
    static final int MAXIMUM_LENGTH = 130;

    private static final short LINK_LAYER = 3;
    private static final short ETHERNET = 1;
    private static final int LINK_LAYER_LENGTH = 10;

    /** Ours: the gateway's MAC address, so that it is the same on every host a guest may move to. */
    static final Duid SERVER = linkLayer(new MacAddress(Gateway.GATEWAY_MAC));

    private final byte[] octets;

    /** Takes a copy of 1 to {@value #MAXIMUM_LENGTH} octets. */
    Duid(byte[] octets) {
        if (octets.length == 0 || octets.length > MAXIMUM_LENGTH) {
            throw new IllegalArgumentException("DUID of %d bytes".formatted(octets.length));
        }
        this.octets = octets.clone();
    }

    /** DUID-LL (section 11.4). */
    static Duid linkLayer(MacAddress mac) {
        ByteBuffer out = ByteBuffer.allocate(LINK_LAYER_LENGTH);
        return new Duid(
                out.putShort(LINK_LAYER).putShort(ETHERNET).put(mac.toBytes()).array());
    }

    byte[] toBytes() {
        return octets.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Duid duid && Arrays.equals(octets, duid.octets);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(octets);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(octets);
    }
}
