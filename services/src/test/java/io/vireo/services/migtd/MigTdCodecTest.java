package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.services.migtd.MigTdProtocolException.Kind;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MigTdCodecTest {
    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 0xa5);
        return bytes;
    }

    private static Kind refused(MigTdCodec codec, byte[] header) {
        return assertThrows(MigTdProtocolException.class, () -> codec.read(header))
                .kind();
    }

    @Test
    void writesTheHeaderOfAPacket() {
        byte[] header = filled(MigTdPacketHeader.SIZE);
        new PacketCodec().write(MigTdOperation.SEND, 1, 0, 5, header);
        assertArrayEquals(Arrays.copyOf(Wire.HELLO_PACKET, MigTdPacketHeader.SIZE), header);
    }

    @Test
    void numbersThePacketsItWrites() {
        PacketCodec codec = new PacketCodec();
        byte[] header = filled(MigTdPacketHeader.SIZE);
        codec.write(MigTdOperation.SEND, 1, 0, 5, header);
        codec.write(MigTdOperation.REPORT_STATUS, 0x1122334455667788L, 0x0a0b0c0d, 0, header);
        assertArrayEquals(Wire.hex("02 8877665544332211 02000000 0d0c0b0a 00000000"), header);
    }

    @Test
    void readsTheHeaderOfAPacket() throws Exception {
        PacketCodec codec = new PacketCodec();
        assertEquals(5, codec.read(Wire.HELLO_PACKET));
        codec.expect(MigTdOperation.SEND, 1);
        assertEquals(0, codec.lastStatus());
    }

    @Test
    void writesAndReadsALength() throws Exception {
        byte[] header = filled(4);
        new NativeCodec().write(MigTdOperation.SEND, 1, 0, 0x010203, header);
        assertArrayEquals(Wire.hex("03020100"), header);
        assertEquals(0x010203, new NativeCodec().read(header));
        assertEquals(5, new NativeCodec().read(Wire.HELLO_NATIVE));
    }

    @Test
    void refusesALengthBeyondTheLimitInBothFramings() throws Exception {
        assertEquals(Kind.TOO_LONG, refused(new NativeCodec(), Wire.hex("ffffffff")));
        assertEquals(Kind.TOO_LONG, refused(new NativeCodec(), Wire.hex("00000080")));
        assertEquals(Kind.TOO_LONG, refused(new NativeCodec(), Wire.hex("01000001")));
        assertEquals(MigTdCodec.MAX_MESSAGE, new NativeCodec().read(Wire.hex("00000001")));
        assertEquals(Kind.TOO_LONG, refused(new PacketCodec(), Wire.packetClaiming(-1, 3, 1, 1, 0)));
        assertEquals(Kind.TOO_LONG, refused(new PacketCodec(), Wire.packetClaiming((16 << 20) + 1, 3, 1, 1, 0)));
        assertEquals(MigTdCodec.MAX_MESSAGE, new PacketCodec().read(Wire.packetClaiming(16 << 20, 3, 1, 1, 0)));
    }

    @Test
    void refusesOperationsThatThereAreNoneOf() {
        for (int operation = 0; operation < 256; operation++) {
            byte[] header = Wire.packet(operation, 1, 1, 0);
            if (operation < 1 || operation > 3) {
                assertEquals(Kind.WRONG_OPERATION, refused(new PacketCodec(), header), "operation " + operation);
            }
        }
    }

    @Test
    void refusesAnotherOperationThanExpected() throws Exception {
        PacketCodec codec = new PacketCodec();
        assertEquals(0, codec.read(Wire.packet(2, 1, 1, 7)));
        MigTdProtocolException refused =
                assertThrows(MigTdProtocolException.class, () -> codec.expect(MigTdOperation.SEND, 1));
        assertEquals(Kind.WRONG_OPERATION, refused.kind());
        assertEquals("a packet of operation REPORT_STATUS and status 7 where SEND was to come", refused.getMessage());
    }

    @Test
    void refusesAPacketOfAnotherMigration() throws Exception {
        PacketCodec codec = new PacketCodec();
        assertEquals(0, codec.read(Wire.packet(3, 2, 1, 0)));
        assertEquals(
                Kind.WRONG_REQUEST,
                assertThrows(MigTdProtocolException.class, () -> codec.expect(MigTdOperation.SEND, 1))
                        .kind());
    }

    @Test
    void refusesAPacketThatSaysItFailed() throws Exception {
        PacketCodec codec = new PacketCodec();
        assertEquals(0, codec.read(Wire.packet(3, 1, 1, 9)));
        assertEquals(
                Kind.PEER_FAILED,
                assertThrows(MigTdProtocolException.class, () -> codec.expect(MigTdOperation.SEND, 1))
                        .kind());
    }

    @Test
    void refusesNumbersThatDoNotFollowEachOther() throws Exception {
        assertEquals(Kind.SEQUENCE_GAP, refused(new PacketCodec(), Wire.packet(3, 1, 0, 0)));
        assertEquals(Kind.SEQUENCE_GAP, refused(new PacketCodec(), Wire.packet(3, 1, 2, 0)));
        PacketCodec repeated = new PacketCodec();
        assertEquals(0, repeated.read(Wire.packet(3, 1, 1, 0)));
        assertEquals(Kind.SEQUENCE_GAP, refused(repeated, Wire.packet(3, 1, 1, 0)));
        PacketCodec skipped = new PacketCodec();
        assertEquals(0, skipped.read(Wire.packet(3, 1, 1, 0)));
        assertEquals(Kind.SEQUENCE_GAP, refused(skipped, Wire.packet(3, 1, 3, 0)));
    }

    @Test
    void countsOnPastTheLargestNumber() throws Exception {
        PacketCodec codec = new PacketCodec(-1);
        assertEquals(0, codec.read(Wire.packet(3, 1, -1, 0)));
        assertEquals(0, codec.read(Wire.packet(3, 1, 0, 0)));
        assertEquals(0, codec.read(Wire.packet(3, 1, 1, 0)));
    }

    @Test
    void anyBytesAreAMessageOrRefused() {
        Random random = new Random(7);
        byte[] header = new byte[MigTdPacketHeader.SIZE];
        for (int i = 0; i < 20_000; i++) {
            System.arraycopy(Wire.HELLO_PACKET, 0, header, 0, header.length);
            for (int mutations = random.nextInt(4); mutations > 0; mutations--) {
                header[random.nextInt(header.length)] = (byte) random.nextInt();
            }
            try {
                int length = new PacketCodec().read(header);
                assertEquals(MigTdPacketHeader.read(header).dataLength(), length);
                assertEquals(1, MigTdPacketHeader.read(header).sequenceId());
                assertTrue(length >= 0 && length <= MigTdCodec.MAX_MESSAGE, "a length of " + length);
            } catch (MigTdProtocolException e) {
                assertEquals(e.kind(), refused(new PacketCodec(), header));
            }
        }
    }

    @Test
    void framingsHaveNames() {
        assertEquals(MigTdFraming.NATIVE, MigTdFraming.named("native"));
        assertEquals(MigTdFraming.PACKET, MigTdFraming.named("packet"));
        assertEquals(MigTdFraming.RAW, MigTdFraming.named("raw"));
        assertNull(MigTdFraming.named("NATIVE"));
    }
}
