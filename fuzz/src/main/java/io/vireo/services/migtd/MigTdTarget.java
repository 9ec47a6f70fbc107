package io.vireo.services.migtd;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Headers of messages between two MigTDs, in both framings, after a byte that says which: what was accepted has a length that
 * is allowed, and the same header written again is the same bytes.
 */
public final class MigTdTarget implements FuzzTarget {
    @Override
    public List<byte[]> seeds() {
        HexFormat hex = HexFormat.of();
        return List.of(
                hex.parseHex("00" + "030100000000000000010000000000000005000000" + "68656c6c6f"),
                hex.parseHex("0105000000" + "68656c6c6f" + "02000000" + "6869"),
                hex.parseHex("02" + "0100000000000000" + "05000000" + "68656c6c6f"));
    }

    @Override
    public void run(Input input) {
        switch (input.below(3)) {
            case 0 -> messages(new PacketCodec(), new PacketCodec(), input);
            case 1 -> messages(new NativeCodec(), new NativeCodec(), input);
            default -> buffer(input.rest());
        }
    }

    private static void messages(MigTdCodec reader, MigTdCodec writer, Input input) {
        while (input.hasMore()) {
            byte[] header = Arrays.copyOf(input.take(reader.headerSize()), reader.headerSize());
            int length;
            try {
                length = reader.read(header);
            } catch (MigTdProtocolException e) {
                claim(e.kind() != MigTdProtocolException.Kind.TRUNCATED, "all of the header was there");
                return;
            }
            claim(length >= 0 && length <= MigTdCodec.MAX_MESSAGE, "how long it is");
            claim(Arrays.equals(header, again(writer, header, reader, length)), "written again");
            expect(reader, header);
            if (input.take(length).length < length) {
                return;
            }
        }
    }

    private static byte[] again(MigTdCodec writer, byte[] header, MigTdCodec reader, int length) {
        byte[] again = new byte[header.length];
        MigTdPacketHeader fields =
                reader instanceof PacketCodec ? MigTdPacketHeader.read(header) : new MigTdPacketHeader(3, 0, 0, 0, 0);
        MigTdOperation operation = MigTdOperation.of(fields.operation());
        claim(operation != null && reader.carries(operation), "an operation that there is");
        if (operation != null) {
            writer.write(operation, fields.migRequestId(), reader.lastStatus(), length, again);
        }
        return again;
    }

    private static void expect(MigTdCodec reader, byte[] header) {
        boolean packet = reader instanceof PacketCodec;
        MigTdPacketHeader fields = packet ? MigTdPacketHeader.read(header) : new MigTdPacketHeader(3, 1, 0, 0, 0);
        boolean due =
                fields.operation() == MigTdOperation.SEND.code() && fields.migRequestId() == 1 && fields.status() == 0;
        try {
            reader.expect(MigTdOperation.SEND, 1);
            claim(due, "another message than was expected");
        } catch (MigTdProtocolException e) {
            claim(!due && packet, "the message that was expected");
        }
    }

    private static void buffer(byte[] bytes) {
        if (bytes.length < GhciBuffer.HEADER_SIZE) {
            return;
        }
        GhciBuffer buffer = new GhciBuffer(bytes);
        claim(buffer.length() >= 0 && buffer.capacity() == bytes.length - GhciBuffer.HEADER_SIZE, "sizes");
        claim(buffer.payloadFits() == buffer.length() <= buffer.capacity(), "whether it fits");
        if (buffer.payloadFits()) {
            byte[] payload = buffer.payload();
            claim(payload.length == buffer.length(), "the payload");
            claim(Arrays.equals(GhciBuffer.holding(payload).payload(), payload), "held and taken out again");
        }
    }
}
