package io.vireo.services.tpm;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** What a TPM answers to TPM2_ReadPublic, in pieces: the public area that is in it, or an IOException. */
public final class TpmTarget implements FuzzTarget {
    @Override
    public List<byte[]> seeds() {
        HexFormat hex = HexFormat.of();
        String key = "0001000b00000000000000060080004300100800000000000000";
        String response = "8001" + "00000030" + "00000000" + "001a" + key + "00020102" + "00020304";
        return List.of(
                hex.parseHex("1f" + response),
                hex.parseHex("05" + "8001" + "0000000a" + "0000018b"),
                hex.parseHex("00"));
    }

    @Override
    public void run(Input input) {
        int piece = 1 + input.below(32);
        byte[] bytes = input.rest();
        byte[] response = receive(bytes, piece);
        if (response.length == 0) {
            return;
        }
        TpmCommands commands = new TpmCommands(new TpmTransport() {
            @Override
            public byte[] transact(byte[] command) {
                return response.clone();
            }

            @Override
            public void close() {}
        });
        try {
            byte[] area = commands.readPublic(EndorsementKey.HANDLE);
            int size = ByteBuffer.wrap(response).getShort(TpmTransport.Response.HEADER_SIZE) & 0xFFFF;
            claim(area.length == size && size > 0, "the area is the one in the response");
        } catch (IOException e) {
            claim(e.getMessage() != null, "a reason");
        }
    }

    /** As a transport puts it together, or nothing. */
    private static byte[] receive(byte[] bytes, int piece) {
        TpmTransport.Response response = new TpmTransport.Response();
        int at = 0;
        try {
            while (!response.isWhole()) {
                int count = Math.min(Math.min(piece, bytes.length - at), response.buffer.remaining());
                if (count == 0) {
                    return new byte[0];
                }
                response.buffer.put(bytes, at, count);
                at += count;
            }
        } catch (IOException e) {
            return new byte[0];
        }
        byte[] whole = response.bytes();
        claim(whole.length >= TpmTransport.Response.HEADER_SIZE, "a header at least");
        return whole;
    }
}
