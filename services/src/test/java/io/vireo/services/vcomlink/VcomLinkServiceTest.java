package io.vireo.services.vcomlink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vireo.services.ScriptedStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class VcomLinkServiceTest {
    private static final String GET_EK = "{\"channel\":2,\"request\":1}";
    private static final String EK = "{\"channel\":2,\"ek\":\"AAEACw==\"}";
    private static final String MALFORMED = "{\"channel\":1,\"error\":\"received malformed packet\"}";

    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 1000);
    private final VcomLinkService service =
            new VcomLinkService(List.of(TpmChannel.of(() -> new byte[] {0, 1, 0, 11})), nowNs::get);

    @Test
    void answersWithTheEndorsementKey() throws IOException {
        assertEquals(EK, answers(GET_EK));
        assertEquals(EK, answers(GET_EK + "\n"));
        assertEquals(EK, answers("{\"Channel\":2,\"REQUEST\":1,\"more\":[]}"));
    }

    @Test
    void aConnectionCarriesManyPackets() throws IOException {
        assertEquals(EK + EK + EK, answers(GET_EK, GET_EK, GET_EK));
        assertEquals(Map.of("PACKETS", 3L, "ANSWERED", 3L, "REFUSED", 0L, "ERRORS_RECEIVED", 0L), counters());
    }

    @Test
    void anEndWithNothingPendingIsSilent() throws IOException {
        assertEquals("", answers());
        assertEquals(Map.of("PACKETS", 0L, "ANSWERED", 0L, "REFUSED", 0L, "ERRORS_RECEIVED", 0L), counters());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"channel\":-1,\"request\":-1}\n",
                "{\"channel\":2,\"request\":-1}",
                "{\"channel\":2,\"request\":2}",
                "{\"channel\":2,\"request\":0}",
                "{\"channel\":2}",
                "{\"channel\":0}",
                "{\"channel\":3,\"request\":1}",
                "{}",
                "{\"channel\":4294967295}",
                "{\"channel\":4294967298,\"request\":1}",
                "{\"channel\":18446744073709551618,\"request\":1}",
                "{\"channel\":9223372036854775807}",
                "{\"channel\":9223372036854775808}",
                "{\"channel\":-9223372036854775808}",
                "{\"channel\":2,\"request\":18446744073709551615}",
                "{\"channel\":2,\"request\":18446744073709551616}",
                "{\"channel\":2,\"request\":18446744073709551617}",
                "{\"channel\":2,\"request\":1.0}",
                "{\"channel\":\"2\",\"request\":\"1\"}",
                "{\"channel\":1,\"error\":7}",
                "{\"channel\":2,\"request\":1",
                "hello",
                "\n",
            })
    void anythingElseIsMalformedAndEndsTheConnection(String packet) throws IOException {
        ScriptedStream guest = guest(packet, GET_EK);
        service.serve(guest);
        assertEquals(MALFORMED, new String(guest.sent(), UTF_8));
        assertEquals(1, guest.left());
        assertEquals(Map.of("PACKETS", 1L, "ANSWERED", 0L, "REFUSED", 1L, "ERRORS_RECEIVED", 0L), counters());
    }

    @Test
    void aPacketInTwoPiecesIsMalformed() throws IOException {
        for (int at = 1; at < GET_EK.length(); at++) {
            assertEquals(MALFORMED, answers(GET_EK.substring(0, at), GET_EK.substring(at)));
        }
    }

    @Test
    void twoPacketsInOnePieceAreMalformed() throws IOException {
        assertEquals(MALFORMED, answers(GET_EK + GET_EK));
    }

    @Test
    void aPacketHasAtMost8192Bytes() throws IOException {
        int room = IncomingPacket.MAX_BYTES - GET_EK.length();
        assertEquals(EK, answers(GET_EK + " ".repeat(room)));
        assertEquals(EK + MALFORMED, answers(GET_EK + " ".repeat(room + 1)));
        assertEquals(MALFORMED, answers(" ".repeat(room + 1) + GET_EK));
        assertEquals(MALFORMED, answers("x".repeat(100_000)));
    }

    @Test
    void whatCannotBeAnsweredIsAnErrorPacket() throws IOException {
        VcomLinkService without = new VcomLinkService(List.of(TpmChannel.withoutTpm()));
        ScriptedStream guest = guest(GET_EK);
        without.serve(guest);
        assertEquals(MALFORMED, new String(guest.sent(), UTF_8));
    }

    @Test
    void silenceOfThirtySecondsEndsWithAnErrorPacket() throws IOException {
        ScriptedStream guest = guest(GET_EK).then(new SocketTimeoutException("nothing for 30 s"));
        service.serve(guest);
        assertEquals(EK + MALFORMED, new String(guest.sent(), UTF_8));
        assertEquals(List.of(Duration.ofSeconds(30), Duration.ofSeconds(30)), guest.timeoutsOfReads());
    }

    @Test
    void aConnectionThatWasResetIsTheCallersMatter() {
        ScriptedStream guest = guest().then(new IOException("ECONNRESET"));
        assertEquals(
                "ECONNRESET",
                assertThrows(IOException.class, () -> service.serve(guest)).getMessage());
        assertEquals(0, guest.sent().length);
    }

    @Test
    void errorsOfGuestsAreCountedAndNotAnswered() throws IOException {
        String error = "{\"channel\":1,\"error\":\"cannot use this key\"}";
        assertEquals(EK, answers(error, GET_EK, error));
        assertEquals(Map.of("PACKETS", 3L, "ANSWERED", 1L, "REFUSED", 0L, "ERRORS_RECEIVED", 2L), counters());
    }

    @Test
    void errorsOfGuestsAreLoggedOnceASecond() throws IOException {
        Logger logger = (Logger) LoggerFactory.getLogger(ErrorChannel.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            answers("{\"channel\":1,\"error\":\"first\\n\\u001b[31mERROR\"}", "{\"channel\":1,\"error\":\"second\"}");
            nowNs.addAndGet(ErrorChannel.LOG_INTERVAL.toNanos());
            answers("{\"channel\":1,\"error\":\"" + "x".repeat(1000) + "\"}");
        } finally {
            logger.detachAppender(lines);
        }
        assertEquals(
                List.of(
                        "a guest reports an error: first??[31mERROR",
                        "a guest reports an error: " + "x".repeat(ErrorChannel.MAX_LOGGED)),
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    void channelsCanBeAdded() throws IOException {
        VcomLinkChannel greeter = new RequestChannel(
                7,
                Map.of(
                        3L,
                        packet -> OutgoingPacket.on(7)
                                .with("greeting", "hello " + packet.text("name"))
                                .with("quote", "\"<\n>\"")));
        ScriptedStream guest = guest("{\"channel\":7,\"request\":3,\"name\":\"vm1\"}");
        new VcomLinkService(List.of(TpmChannel.withoutTpm(), greeter)).serve(guest);
        assertEquals(
                "{\"channel\":7,\"greeting\":\"hello vm1\",\"quote\":\"\\\"<\\n>\\\"\"}",
                new String(guest.sent(), UTF_8));
    }

    @Test
    void twoChannelsOfOneNumberAreAMistake() {
        List<VcomLinkChannel> twice = List.of(TpmChannel.withoutTpm(), TpmChannel.withoutTpm());
        assertThrows(IllegalArgumentException.class, () -> new VcomLinkService(twice));
        List<VcomLinkChannel> errors = List.of(new RequestChannel(1, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new VcomLinkService(errors));
    }

    private String answers(String... packets) throws IOException {
        ScriptedStream guest = guest(packets);
        service.serve(guest);
        return new String(guest.sent(), UTF_8);
    }

    private static ScriptedStream guest(String... packets) {
        ScriptedStream guest = new ScriptedStream();
        Arrays.stream(packets).forEach(packet -> guest.then(packet.getBytes(UTF_8)));
        return guest;
    }

    private Map<String, Long> counters() {
        return service.counters().entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().name(), Map.Entry::getValue));
    }
}
