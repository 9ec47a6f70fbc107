package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.services.GuestStream;
import io.vireo.services.migtd.MigTdProtocolException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class MigTdRelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int EXCHANGE = 10 << 20;

    private final MigTdCounters counters = new MigTdCounters();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : toClose.reversed()) {
            each.close();
        }
    }

    private TcpListener listener() throws IOException {
        TcpListener listener = new TcpListener(Loopback.at(0), PATIENCE, System::nanoTime, counters);
        toClose.add(listener);
        return listener;
    }

    private MigTdRelay relay(MigTdFraming framing, PeerSource peers) {
        MigTdRelay relay = new MigTdRelay(framing, peers, counters);
        toClose.add(relay);
        return relay;
    }

    private static TcpConnector connector(int port) {
        return new TcpConnector(Loopback.at(port), Duration.ofSeconds(10), 0);
    }

    /** A guest's connection that a relay serves. */
    private final class Guest {
        final GuestStream stream;
        final CompletableFuture<Void> served;

        Guest(MigTdRelay relay) throws IOException {
            this(relay, Loopback.open("127.0.0.1"));
        }

        Guest(MigTdRelay relay, Loopback pair) {
            toClose.add(pair);
            stream = pair.near();
            served = CompletableFuture.runAsync(
                    () -> {
                        try (GuestStream guest = pair.far()) {
                            relay.serve(guest);
                        } catch (IOException e) {
                            throw new CompletionException(e);
                        }
                    },
                    Loopback.THREADS);
        }

        Throwable failure() {
            return Objects.requireNonNull(
                    assertThrows(ExecutionException.class, served::get).getCause());
        }

        Kind refusal() {
            return ((MigTdProtocolException) failure()).kind();
        }
    }

    private long count(MigTdCounter counter) {
        return counters.snapshot().getOrDefault(counter, -1L);
    }

    @ParameterizedTest
    @EnumSource
    void passesBytesInBothDirectionsAndTheirEnds(MigTdFraming framing) throws Exception {
        TcpListener listener = listener();
        Guest guest = new Guest(relay(framing, listener));
        try (Socket peer = Loopback.connect(listener.port())) {
            guest.stream.output().write(Wire.hello(framing));
            guest.stream.shutdownOutput();
            assertArrayEquals(Wire.hello(framing), peer.getInputStream().readAllBytes());
            peer.getOutputStream().write(Wire.hello(framing));
            peer.shutdownOutput();
            assertArrayEquals(Wire.hello(framing), guest.stream.input().readAllBytes());
            guest.served.get();
        }
        assertEquals(1, count(MigTdCounter.SESSIONS));
        int size = Wire.hello(framing).length;
        assertEquals(size, count(MigTdCounter.BYTES_FROM_GUESTS));
        assertEquals(size, count(MigTdCounter.BYTES_TO_GUESTS));
        int messages = framing == MigTdFraming.RAW ? 0 : 1;
        assertEquals(messages, count(MigTdCounter.MESSAGES_FROM_GUESTS));
        assertEquals(messages, count(MigTdCounter.MESSAGES_TO_GUESTS));
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void twoRelaysCarryAnExchangeBetweenTwoGuests(MigTdFraming framing) throws Exception {
        TcpListener listener = listener();
        Guest destination = new Guest(relay(framing, listener));
        Guest source = new Guest(relay(framing, connector(listener.port())));
        byte[] there = new byte[EXCHANGE];
        byte[] back = new byte[EXCHANGE];
        new Random(1).nextBytes(there);
        new Random(2).nextBytes(back);
        TcpTdxCalls sourceCalls = calls(framing, source.stream);
        TcpTdxCalls destinationCalls = calls(framing, destination.stream);
        CompletableFuture<Void> sendingThere = sending(sourceCalls, there);
        CompletableFuture<Void> sendingBack = sending(destinationCalls, back);
        CompletableFuture<byte[]> receivedBack = receiving(sourceCalls);
        assertArrayEquals(there, receiving(destinationCalls).get());
        assertArrayEquals(back, receivedBack.get());
        sendingThere.get();
        sendingBack.get();

        sourceCalls.close();
        destinationCalls.close();
        source.served.get();
        destination.served.get();
        assertEquals(0, count(MigTdCounter.PROTOCOL_ERRORS));
    }

    private static TcpTdxCalls calls(MigTdFraming framing, GuestStream stream) {
        TcpEmulationConfig defaults = TcpEmulationConfig.DEFAULT;
        TcpEmulationConfig config = new TcpEmulationConfig(
                defaults.remoteAddress(),
                defaults.connectionTimeout(),
                defaults.operationTimeout(),
                defaults.maxRetries(),
                framing);
        return TcpTdxCalls.over(stream, config, new EmulatedVmm(), new NativeTdxCalls());
    }

    private static CompletableFuture<Void> sending(TcpTdxCalls calls, byte[] bytes) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        for (int at = 0; at < bytes.length; at += GhciBuffer.MAX_PAYLOAD) {
                            int end = Math.min(bytes.length, at + GhciBuffer.MAX_PAYLOAD);
                            calls.migtdSend(1, GhciBuffer.holding(Arrays.copyOfRange(bytes, at, end)), 0);
                        }
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                Loopback.THREADS);
    }

    private static CompletableFuture<byte[]> receiving(TcpTdxCalls calls) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        ByteArrayOutputStream received = new ByteArrayOutputStream();
                        GhciBuffer buffer = new GhciBuffer();
                        while (received.size() < EXCHANGE) {
                            calls.migtdReceive(1, buffer, 0);
                            received.writeBytes(buffer.payload());
                        }
                        return received.toByteArray();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                Loopback.THREADS);
    }

    @Test
    void aMessageFromTheGuestThatIsNoneEndsBothHalves() throws Exception {
        for (byte[] wrong :
                List.of(Wire.packetClaiming(-1, 3, 1, 1, 0), Wire.packet(9, 1, 1, 0), Wire.packet(3, 1, 2, 0))) {
            TcpListener listener = listener();
            Guest guest = new Guest(relay(MigTdFraming.PACKET, listener));
            try (Socket peer = Loopback.connect(listener.port())) {
                guest.stream.output().write(wrong);
                assertEquals(-1, peer.getInputStream().read());
                assertEquals(-1, guest.stream.input().read());
            }
            assertTrue(guest.failure() instanceof MigTdProtocolException);
        }
        assertEquals(3, count(MigTdCounter.PROTOCOL_ERRORS));
        assertEquals(0, count(MigTdCounter.BYTES_FROM_GUESTS), "nothing of it arrived");
    }

    @Test
    void aLengthOf4GiBFromThePeerEndsBothHalves() throws Exception {
        TcpListener listener = listener();
        Guest guest = new Guest(relay(MigTdFraming.NATIVE, listener));
        try (Socket peer = Loopback.connect(listener.port())) {
            peer.getOutputStream().write(Wire.hex("ffffffff"));
            assertEquals(-1, guest.stream.input().read());
            assertEquals(-1, peer.getInputStream().read());
        }
        assertEquals(Kind.TOO_LONG, guest.refusal());
        assertEquals(1, count(MigTdCounter.PROTOCOL_ERRORS));
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void aPeerThatDiesInTheMidstOfAMessageEndsTheGuestsHalf(MigTdFraming framing) throws Exception {
        byte[] message = Wire.hello(framing);
        for (int length = 1; length < message.length; length++) {
            TcpListener listener = listener();
            Guest guest = new Guest(relay(framing, listener));
            try (Socket peer = Loopback.connect(listener.port())) {
                peer.getOutputStream().write(message, 0, length);
            }
            byte[] arrived = guest.stream.input().readAllBytes();
            assertArrayEquals(Arrays.copyOf(message, arrived.length), arrived);
            assertEquals(Kind.TRUNCATED, guest.refusal(), "after " + length + " bytes");
        }
    }

    @Test
    void oneSessionsFailureIsNoOthers() throws Exception {
        TcpListener listener = listener();
        MigTdRelay relay = relay(MigTdFraming.PACKET, listener);
        Guest good = new Guest(relay);
        try (Socket goodPeer = Loopback.connect(listener.port())) {
            good.stream.output().write(Wire.HELLO_PACKET);
            assertArrayEquals(Wire.HELLO_PACKET, goodPeer.getInputStream().readNBytes(Wire.HELLO_PACKET.length));
            Guest bad = new Guest(relay);
            try (Socket badPeer = Loopback.connect(listener.port())) {
                badPeer.getOutputStream().write(Wire.packet(3, 1, 9, 0));
                assertEquals(Kind.SEQUENCE_GAP, bad.refusal());
            }
            goodPeer.getOutputStream().write(Wire.HELLO_PACKET);
            assertArrayEquals(Wire.HELLO_PACKET, good.stream.input().readNBytes(Wire.HELLO_PACKET.length));
            assertFalse(good.served.isDone());
        }
    }

    @Test
    void aGuestWithoutTheOtherSideIsTold() throws Exception {
        Guest guest = new Guest(relay(MigTdFraming.NATIVE, connector(Loopback.deafPort())));
        assertEquals(-1, guest.stream.input().read());
        assertTrue(guest.failure().toString().contains("no connection to 127.0.0.1:"));
        assertEquals(1, count(MigTdCounter.GUESTS_REFUSED));
        assertEquals(0, count(MigTdCounter.SESSIONS));
    }

    @Test
    void sessionsOfAGuestAtATimeAreBounded() throws Exception {
        TcpListener listener = listener();
        MigTdRelay relay = relay(MigTdFraming.RAW, connector(listener.port()));
        List<Guest> guests = new ArrayList<>();
        List<GuestStream> peers = new ArrayList<>();
        for (int i = 0; i < MigTdRelay.MAX_SESSIONS; i++) {
            guests.add(new Guest(relay));
            peers.add(joined(guests.getLast(), listener));
        }
        Guest tooMany = new Guest(relay);
        assertEquals(-1, tooMany.stream.input().read());
        assertTrue(tooMany.failure().toString().contains("sessions already"));
        assertEquals(1, count(MigTdCounter.GUESTS_REFUSED));
        guests.add(new Guest(relay, Loopback.open("127.0.0.2")));
        joined(guests.getLast(), listener);

        peers.removeFirst().close();
        Guest ended = guests.removeFirst();
        ended.stream.close();
        ended.served.get();
        guests.add(new Guest(relay));
        joined(guests.getLast(), listener);

        relay.close();
        for (Guest guest : guests) {
            assertEquals(-1, guest.stream.input().read(), "closed with the relay");
            assertTrue(guest.failure() instanceof IOException);
        }
    }

    /** The guest's peer, once bytes pass. */
    private GuestStream joined(Guest guest, TcpListener listener) throws IOException {
        GuestStream peer = listener.next();
        toClose.add(peer);
        guest.stream.output().write(Wire.HELLO);
        assertArrayEquals(Wire.HELLO, peer.input().readNBytes(Wire.HELLO.length));
        return peer;
    }

    @Test
    void listensOrConnectsButNotBoth() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> new MigTdConfig(1234, null, null, MigTdFraming.NATIVE));
        assertThrows(
                IllegalArgumentException.class,
                () -> new MigTdConfig(1234, Loopback.at(1), Loopback.at(2), MigTdFraming.NATIVE));
        try (TcpListener taken = listener()) {
            MigTdConfig config = new MigTdConfig(1234, null, Loopback.at(taken.port()), MigTdFraming.NATIVE);
            assertThrows(IOException.class, () -> MigTdRelay.open(config));
        }
        MigTdConfig config = new MigTdConfig(1235, Loopback.at(Loopback.deafPort()), null, MigTdFraming.NATIVE);
        try (MigTdRelay relay = MigTdRelay.open(config)) {
            assertEquals("migtd", relay.name());
        }
    }
}
