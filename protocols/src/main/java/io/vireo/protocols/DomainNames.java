package io.vireo.protocols;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import net.openhft.chronicle.bytes.Bytes;

/** Domain names as configuration writes them, and as DHCP, DHCPv6 and router advertisements carry them. Stateless. */
public final class DomainNames {
    /** Dots between its labels counted, none at its end: 255 bytes on the wire (RFC 1035 section 3.1). */
    private static final int MAXIMUM_LENGTH = 253;

    /** RFC 1123 section 2.1; and the underscore, which is common in search lists although hosts may not have it. */
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";

    private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");

    private static final int POINTER = 0xC000;
    private static final int MAXIMUM_POINTER = 0x3FFF;

    private DomainNames() {}

    /** @throws IllegalArgumentException unless {@code name} is a domain name without a dot at its end */
    public static void require(String name) {
        if (name.length() > MAXIMUM_LENGTH || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"%s\" is not a domain name".formatted(name));
        }
    }

    /**
     * The names one after the other, each as its labels and the root label (RFC 1035 section 3.1), not compressed: as DHCPv6
     * and router advertisements have them. Made by hand: the first {@code Bytes} of a process costs its start 0.2 s.
     *
     * @throws IllegalArgumentException as {@link #require}
     */
    public static byte[] encode(List<String> names) {
        names.forEach(DomainNames::require);
        byte[] wire =
                new byte[names.stream().mapToInt(name -> name.length() + 2).sum()];
        int position = 0;
        for (String name : names) {
            for (String label : name.split("\\.", -1)) {
                wire[position] = (byte) label.length();
                System.arraycopy(label.getBytes(US_ASCII), 0, wire, position + 1, label.length());
                position += 1 + label.length();
            }
            position++; // the root
        }
        return wire;
    }

    /** The value of DHCP's option 119: RFC 3397 section 2, in which what two names end in is written once. */
    public static byte[] searchList(List<String> names) {
        Bytes<byte[]> out = Bytes.allocateElasticOnHeap();
        Map<String, Integer> written = new HashMap<>();
        names.forEach(name -> write(name, out, written));
        return out.toByteArray();
    }

    private static void write(String name, Bytes<byte[]> out, Map<String, Integer> written) {
        String rest = name;
        while (!rest.isEmpty()) {
            Integer earlier = written.get(rest);
            if (earlier != null) {
                out.writeUnsignedByte((POINTER | earlier) >>> 8).writeUnsignedByte(earlier & 0xFF);
                return;
            }
            if (out.writePosition() <= MAXIMUM_POINTER) {
                written.put(rest, (int) out.writePosition());
            }
            int dot = rest.indexOf('.');
            String label = dot < 0 ? rest : rest.substring(0, dot);
            out.writeUnsignedByte(label.length()).append(label);
            rest = dot < 0 ? "" : rest.substring(dot + 1);
        }
        out.writeUnsignedByte(0);
    }
}
