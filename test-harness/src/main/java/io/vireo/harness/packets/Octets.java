package io.vireo.harness.packets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Bytes that are compared by value: a DUID, an option's value, a quoted packet.
 *
 * @param hex two lower-case digits a byte
 */
public record Octets(String hex) {
    public static final Octets NONE = new Octets("");

    public Octets {
        if (!hex.matches("([0-9a-f]{2})*")) {
            throw new IllegalArgumentException("not bytes in hexadecimal: " + hex);
        }
    }

    public static Octets of(byte... bytes) {
        return new Octets(HexFormat.of().formatHex(bytes));
    }

    /** One byte for each number, of which the low eight bits are taken. */
    public static Octets of(int... numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        return of(bytes);
    }

    public static Octets ofText(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** All that remains in the buffer, whose position stays where it is. */
    static Octets of(ByteBuffer in) {
        byte[] bytes = new byte[in.remaining()];
        in.duplicate().get(bytes);
        return of(bytes);
    }

    /** A new array. */
    public byte[] toBytes() {
        return HexFormat.of().parseHex(hex);
    }

    public int length() {
        return hex.length() / 2;
    }

    /** The bytes as UTF-8. */
    public String text() {
        return new String(toBytes(), StandardCharsets.UTF_8);
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(toBytes());
    }

    @Override
    public String toString() {
        return hex;
    }
}
