package io.vireo.harness.packets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lists of domain names as labels (RFC 1035, 3.1), the form that search lists have in every protocol. */
final class DomainNames {
    private static final int MAX_NAME = 255;
    private static final int MAX_LABEL = 63;
    private static final int POINTER = 0xC0;

    private DomainNames() {}

    /** DHCPv6's form: names one after the other, never compressed (RFC 8415, 10). */
    static List<String> read(ByteBuffer in) {
        List<String> names = new ArrayList<>();
        while (in.hasRemaining()) {
            names.add(name(in));
        }
        return names;
    }

    /** That of router advertisements: the same, and then zeros up to a multiple of 8 bytes (RFC 8106, 5.2). */
    static List<String> readPadded(ByteBuffer in) {
        List<String> names = new ArrayList<>();
        while (in.hasRemaining() && in.get(in.position()) != 0) {
            names.add(name(in));
        }
        Strict.require(!names.isEmpty() && in.remaining() < 8);
        while (in.hasRemaining()) {
            Strict.require(in.get() == 0);
        }
        return names;
    }

    /** DHCPv4's form: a name may end with a pointer to an earlier part of the option (RFC 3397, 2). */
    static List<String> readCompressed(ByteBuffer in) {
        List<String> names = new ArrayList<>();
        while (in.hasRemaining()) {
            StringBuilder name = new StringBuilder();
            compressedName(in, in.position(), name);
            names.add(name.toString());
        }
        return names;
    }

    /** @param start where the part of a name begins that is being read; a pointer must lead to before it, so it ends */
    private static void compressedName(ByteBuffer in, int start, StringBuilder name) {
        int length = Strict.u8(in);
        while (length != 0 && length < POINTER) {
            append(name, in, length);
            length = Strict.u8(in);
        }
        if (length != 0) {
            int target = ((length & ~POINTER) << 8) | Strict.u8(in);
            Strict.require(target < start);
            compressedName(in.duplicate().position(target), target, name);
        }
        Strict.require(!name.isEmpty());
    }

    private static String name(ByteBuffer in) {
        StringBuilder name = new StringBuilder();
        int length = Strict.u8(in);
        Strict.require(length != 0);
        while (length != 0) {
            append(name, in, length);
            length = Strict.u8(in);
        }
        return name.toString();
    }

    private static void append(StringBuilder name, ByteBuffer in, int length) {
        Strict.require(length <= MAX_LABEL && name.length() + length + 2 <= MAX_NAME);
        byte[] label = new byte[length];
        in.get(label);
        name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
}
