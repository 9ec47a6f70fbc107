package io.vireo.services.vcomlink;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FakeStream;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.fuzz.PiecewiseStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a guest writes to the agent's port, a packet each read: every answer is a packet that the parser reads too, and after
 * a malformed one there comes nothing.
 */
public final class VcomLinkTarget implements FuzzTarget {
    /** A text that comes back as it went. */
    private static final VcomLinkChannel ECHO = new VcomLinkChannel() {
        @Override
        public long number() {
            return 7;
        }

        @Override
        public Optional<OutgoingPacket> receive(IncomingPacket packet) throws IOException {
            return Optional.of(OutgoingPacket.on(packet.integer("request")).with("text", packet.text("text")));
        }
    };

    private final VcomLinkService service = new VcomLinkService(List.of(ECHO), () -> 0);

    @Override
    public List<byte[]> seeds() {
        return Stream.of(
                        "\u00ff{\"channel\":7,\"request\":-9223372036854775808,\"text\":\"a\\u0041\\n\"}",
                        "\u00ff{\"Channel\":7,\"x\":{\"y\":[1,2.5e3,null,true]},\"request\":18446744073709551615}",
                        "\u0010{\"channel\":7}    {\"channel\":1,\"error\":\"e\"}")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    @Override
    public void run(Input input) throws IOException {
        int piece = 1 + input.u8();
        byte[] bytes = input.rest();
        PiecewiseStream stream = new PiecewiseStream(bytes, piece);
        FakeStream connection = new FakeStream(stream);
        service.serve(connection);
        judge(bytes);
    }

    /** A packet by itself: what is read of it twice is the same, and an answer made of it can be read. */
    private static void judge(byte[] bytes) throws IOException {
        try {
            IncomingPacket packet = IncomingPacket.parse(bytes, bytes.length);
            String text = packet.text("text");
            byte[] answer = OutgoingPacket.on(packet.integer("channel"))
                    .with("text", text)
                    .encode();
            IncomingPacket again = IncomingPacket.parse(answer, answer.length);
            claim(again.integer("CHANNEL") == packet.integer("channel"), "the channel");
            claim(again.text("Text").equals(text) || hasLoneSurrogate(text), "the text");
        } catch (MalformedPacketException e) {
            claim(e.getMessage() != null, "a reason");
        }
    }

    /** JSON may escape half of a character, which UTF-8 cannot carry. */
    private static boolean hasLoneSurrogate(String text) {
        return !new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).equals(text);
    }
}
