package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** An option as a value (RFC 8415 section 21). Immutable. */
sealed interface Dhcpv6Option {
    /** Code and length, which precede every value. */
    int HEADER_LENGTH = 4;

    int code();

    /** The wire form, without code and length. */
    byte[] value();

    /** The wire form of options, one after the other. */
    static byte[] encode(List<Dhcpv6Option> options) {
        List<byte[]> values = options.stream().map(Dhcpv6Option::value).toList();
        ByteBuffer out = ByteBuffer.allocate(
                values.stream().mapToInt(value -> HEADER_LENGTH + value.length).sum());
        for (int i = 0; i < values.size(); i++) {
            byte[] value = values.get(i);
            out.putShort((short) options.get(i).code())
                    .putShort((short) value.length)
                    .put(value);
        }
        return out.array();
    }

    record ClientIdentifier(Duid duid) implements Dhcpv6Option {
        @Override
        public int code() {
            return Dhcpv6OptionCode.CLIENT_IDENTIFIER;
        }

        @Override
        public byte[] value() {
            return duid.toBytes();
        }
    }

    record ServerIdentifier(Duid duid) implements Dhcpv6Option {
        @Override
        public int code() {
            return Dhcpv6OptionCode.SERVER_IDENTIFIER;
        }

        @Override
        public byte[] value() {
            return duid.toBytes();
        }
    }

    /**
     * IA_NA, IA_TA or IA_PD.
     *
     * @param renewalSeconds T1; without meaning for IA_TA, as T2 is
     * @param rebindingSeconds T2
     */
    record IdentityAssociation(
            AssociationType type, int iaid, int renewalSeconds, int rebindingSeconds, List<Dhcpv6Option> options)
            implements Dhcpv6Option {
        public IdentityAssociation {
            options = List.copyOf(options);
        }

        Stream<Ipv6Prefix> resources() {
            return options.stream()
                    .filter(Lease.class::isInstance)
                    .map(option -> ((Lease) option).resource())
                    .distinct();
        }

        @Override
        public int code() {
            return type.code();
        }

        @Override
        public byte[] value() {
            byte[] inner = encode(options);
            ByteBuffer out = ByteBuffer.allocate((type.hasTimes() ? 12 : 4) + inner.length);
            out.putInt(iaid);
            if (type.hasTimes()) {
                out.putInt(renewalSeconds).putInt(rebindingSeconds);
            }
            return out.put(inner).array();
        }
    }

    /**
     * An address (IAADDR) or a delegated prefix (IAPREFIX). Options inside are checked by the parser, and not kept.
     *
     * @param code of the two, which the enclosing association gives
     * @param resource a /128 for an address
     */
    record Lease(int code, Ipv6Prefix resource, int preferredSeconds, int validSeconds) implements Dhcpv6Option {
        /** No longer the client's (section 18.3.4). */
        static Lease revoked(AssociationType type, Ipv6Prefix resource) {
            return new Lease(type.leaseCode(), resource, 0, 0);
        }

        @Override
        public byte[] value() {
            byte[] address = resource.address().toBytes();
            return code == Dhcpv6OptionCode.IA_ADDRESS
                    ? ByteBuffer.allocate(Ipv6Address.LENGTH + 8)
                            .put(address)
                            .putInt(preferredSeconds)
                            .putInt(validSeconds)
                            .array()
                    : ByteBuffer.allocate(9 + Ipv6Address.LENGTH)
                            .putInt(preferredSeconds)
                            .putInt(validSeconds)
                            .put((byte) resource.length())
                            .put(address)
                            .array();
        }
    }

    record OptionRequest(List<Integer> codes) implements Dhcpv6Option {
        public OptionRequest {
            codes = List.copyOf(codes);
        }

        @Override
        public int code() {
            return Dhcpv6OptionCode.OPTION_REQUEST;
        }

        @Override
        public byte[] value() {
            ByteBuffer out = ByteBuffer.allocate(Short.BYTES * codes.size());
            codes.forEach(code -> out.putShort(code.shortValue()));
            return out.array();
        }
    }

    record StatusCode(Dhcpv6Status status) implements Dhcpv6Option {
        @Override
        public int code() {
            return Dhcpv6OptionCode.STATUS_CODE;
        }

        @Override
        public byte[] value() {
            byte[] text = status.text().getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(Short.BYTES + text.length)
                    .putShort((short) status.code())
                    .put(text)
                    .array();
        }
    }

    /** Any other option, its value as it stands on the wire; only identity makes two equal. */
    @SuppressWarnings("ArrayRecordComponent") // Private to this package, where nobody changes or compares it.
    record Other(int code, byte[] value) implements Dhcpv6Option {}
}
