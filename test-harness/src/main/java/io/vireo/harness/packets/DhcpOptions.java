package io.vireo.harness.packets;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The options of a DHCP message (RFC 2132) as they stood on the wire.
 *
 * @param values by code; one that appeared more than once is put together (RFC 3396), pad and end are not among them
 */
public record DhcpOptions(Map<Integer, Octets> values) {
    private static final int PAD = 0;
    private static final int END = 255;
    private static final int SEARCH = 119;

    public DhcpOptions {
        values = Map.copyOf(values);
    }

    public Set<Integer> codes() {
        return values.keySet();
    }

    public Optional<Octets> value(int code) {
        return Optional.ofNullable(values.get(code));
    }

    /** The value as text, which most servers do not end with a zero. */
    public Optional<String> text(int code) {
        return value(code).map(Octets::text);
    }

    /** Option 119 (RFC 3397); empty if it is missing, and also if it is malformed. */
    public Optional<List<String>> searchList() {
        return value(SEARCH).flatMap(value -> Strict.parse(() -> DomainNames.readCompressed(value.buffer())));
    }

    boolean has(int code) {
        return values.containsKey(code);
    }

    /** The value, of no bytes where the option is missing. */
    ByteBuffer buffer(int code) {
        return values.getOrDefault(code, Octets.NONE).buffer();
    }

    /** Empty where one is cut short. */
    static Optional<DhcpOptions> read(ByteBuffer in) {
        return Strict.parse(() -> {
            Map<Integer, Octets> values = new TreeMap<>();
            // RFC 2131, 4.1: the last option must always be the end option.
            for (int code = Strict.u8(in); code != END; code = Strict.u8(in)) {
                if (code != PAD) {
                    Octets value = Octets.of(Strict.take(in, Strict.u8(in)));
                    values.merge(code, value, (first, rest) -> new Octets(first.hex() + rest.hex()));
                }
            }
            return new DhcpOptions(values);
        });
    }
}
