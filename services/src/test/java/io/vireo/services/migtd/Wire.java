package io.vireo.services.migtd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes as they are on their way. */
final class Wire {
    /** A packet: Send, migration 1, sequence 1, "hello". */
    static final byte[] HELLO_PACKET = hex("03 0100000000000000 01000000 00000000 05000000 68656c6c6f");

    static final byte[] HELLO_NATIVE = hex("05000000 68656c6c6f");
    static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);

    private Wire() {}

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] packet(int operation, long migRequestId, int sequence, int status, byte... payload) {
        return packetClaiming(payload.length, operation, migRequestId, sequence, status, payload);
    }

    static byte[] packetClaiming(
            int length, int operation, long migRequestId, int sequence, int status, byte... payload) {
        return ByteBuffer.allocate(21 + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) operation)
                .putLong(migRequestId)
                .putInt(sequence)
                .putInt(status)
                .putInt(length)
                .put(payload)
                .array();
    }

    static byte[] message(byte... payload) {
        return ByteBuffer.allocate(4 + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    static byte[] hello(MigTdFraming framing) {
        return switch (framing) {
            case NATIVE -> HELLO_NATIVE.clone();
            case PACKET -> HELLO_PACKET.clone();
            case RAW -> HELLO.clone();
        };
    }
}
