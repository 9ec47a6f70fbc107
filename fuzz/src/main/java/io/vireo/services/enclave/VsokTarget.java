package io.vireo.services.enclave;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FakeStream;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.fuzz.PiecewiseStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What a guest writes to the enclave's port, in pieces: each whole message is echoed, byte for byte, up to the first that is none. */
public final class VsokTarget implements FuzzTarget {
    private static final byte[] MAGIC = {'V', 'S', 'O', 'K'};

    private final EnclaveService service = new EnclaveService(message -> message);

    @Override
    public List<byte[]> seeds() {
        HexFormat hex = HexFormat.of();
        return List.of(
                hex.parseHex("0756534f4b0000000568656c6c6f"),
                hex.parseHex("0156534f4b000000016156534f4b000000026263"),
                hex.parseHex("0956534f4b00100001"));
    }

    @Override
    public void run(Input input) {
        int piece = 1 + input.below(32);
        PiecewiseStream stream = new PiecewiseStream(input.rest(), piece);
        FakeStream connection = new FakeStream(stream);
        boolean ended;
        try {
            service.serve(connection);
            ended = true;
        } catch (IOException e) {
            ended = false;
        }
        byte[] consumed = stream.consumed();
        int valid = valid(consumed);
        claim(Arrays.equals(Arrays.copyOf(consumed, valid), connection.sent()), "what came is what went");
        claim(ended == (valid == consumed.length), "whether it ended between two messages");
    }

    /** How many bytes are whole messages. */
    private static int valid(byte[] bytes) {
        int at = 0;
        while (bytes.length - at >= 8 && Arrays.equals(Arrays.copyOfRange(bytes, at, at + 4), MAGIC)) {
            long length = ByteBuffer.wrap(bytes).getInt(at + 4) & 0xFFFF_FFFFL;
            if (length == 0 || length > 1 << 20 || length > bytes.length - at - 8) {
                break;
            }
            at += 8 + (int) length;
        }
        return at;
    }
}
