package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.harness.guests.Host;
import io.vireo.services.migtd.EmulatedVmm;
import io.vireo.services.migtd.GhciBuffer;
import io.vireo.services.migtd.MigTdFraming;
import io.vireo.services.migtd.NativeTdxCalls;
import io.vireo.services.migtd.TcpEmulationConfig;
import io.vireo.services.migtd.TcpTdxCalls;
import io.vireo.services.migtd.TdxCallException;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** MigTD's messages through the product: guest, vsock, TCP and the same back on the other host. */
@Timeout(120)
class MigTdRelayIT {
    private static final int SOURCE_PORT = 1234;
    private static final int DESTINATION_PORT = 1235;
    private static final int EXCHANGE = 10 << 20;
    private static final long MIGRATION = 1;

    @TempDir
    Path folder;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private VsockAppliance appliance(String name, int port, String peer, MigTdFraming framing) throws IOException {
        return VsockAppliance.start(Files.createDirectory(folder.resolve(name)), 1, """
                services:
                  migtd: {port: %d, %s, framing: %s}
                """.formatted(port, peer, framing));
    }

    private static String at(String key, int port) {
        return key + ": \"127.0.0.1:" + port + "\"";
    }

    private static TcpEmulationConfig config(int port, MigTdFraming framing) {
        TcpEmulationConfig defaults = TcpEmulationConfig.DEFAULT;
        return new TcpEmulationConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", port),
                defaults.connectionTimeout(),
                defaults.operationTimeout(),
                defaults.maxRetries(),
                framing);
    }

    /** The calls of a program in the guest, which reaches the other side through its host's relay. */
    private static TcpTdxCalls calls(VsockFrontendDevice guest, int port, MigTdFraming framing) throws IOException {
        VsockSocket socket = guest.socket(VsockType.STREAM);
        socket.connect(VsockAddress.host(port));
        return TcpTdxCalls.over(
                new SocketStream(socket), config(port, framing), new EmulatedVmm(), new NativeTdxCalls());
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void twoAppliancesCarryAnExchangeBetweenTheirGuests(MigTdFraming framing) throws Exception {
        int tcp = freePort();
        byte[] there = random(1);
        byte[] back = random(2);
        try (VsockAppliance sourceHost = appliance("source", SOURCE_PORT, at("listen", tcp), framing);
                VsockAppliance destinationHost =
                        appliance("destination", DESTINATION_PORT, at("connect", tcp), framing);
                VsockFrontendDevice sourceGuest = VsockFrontendDevice.attach(sourceHost.vsock(1));
                VsockFrontendDevice destinationGuest = VsockFrontendDevice.attach(destinationHost.vsock(1));
                TcpTdxCalls source = calls(sourceGuest, SOURCE_PORT, framing);
                TcpTdxCalls destination = calls(destinationGuest, DESTINATION_PORT, framing);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Void> sendingThere = threads.submit(sending(source, there));
            Future<Void> sendingBack = threads.submit(sending(destination, back));
            Future<byte[]> receivingThere = threads.submit(() -> received(destination));
            Future<byte[]> receivingBack = threads.submit(() -> received(source));
            sendingThere.get();
            sendingBack.get();
            assertArrayEquals(there, receivingThere.get());
            assertArrayEquals(back, receivingBack.get());
        }
    }

    private static byte[] random(int seed) {
        byte[] bytes = new byte[EXCHANGE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Callable<Void> sending(TcpTdxCalls calls, byte[] bytes) {
        return () -> {
            for (int at = 0; at < bytes.length; at += GhciBuffer.MAX_PAYLOAD) {
                int end = Math.min(bytes.length, at + GhciBuffer.MAX_PAYLOAD);
                calls.migtdSend(MIGRATION, GhciBuffer.holding(Arrays.copyOfRange(bytes, at, end)), 0);
            }
            return null;
        };
    }

    private static byte[] received(TcpTdxCalls calls) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        GhciBuffer buffer = new GhciBuffer();
        while (received.size() < EXCHANGE) {
            calls.migtdReceive(MIGRATION, buffer, 0);
            received.writeBytes(buffer.payload());
        }
        return received.toByteArray();
    }

    @Test
    void netcatReceivesTheBytesOfAPacketFromAGuest() throws Exception {
        int tcp = freePort();
        Process netcat = netcat(tcp);
        try (VsockAppliance host = appliance("source", SOURCE_PORT, at("connect", tcp), MigTdFraming.PACKET);
                VsockFrontendDevice guest = VsockFrontendDevice.attach(host.vsock(1));
                TcpTdxCalls calls = calls(guest, SOURCE_PORT, MigTdFraming.PACKET)) {
            calls.migtdSend(MIGRATION, hello(), 0);
            assertHello(netcat);
        } finally {
            netcat.destroyForcibly();
        }
    }

    @Test
    void netcatReceivesTheBytesOfAPacketFromTheEmulation() throws Exception {
        int tcp = freePort();
        Process netcat = netcat(tcp);
        try (TcpTdxCalls calls =
                TcpTdxCalls.connecting(config(tcp, MigTdFraming.PACKET), new EmulatedVmm(), new NativeTdxCalls())) {
            calls.migtdSend(MIGRATION, hello(), 0);
            assertHello(netcat);
        } finally {
            netcat.destroyForcibly();
        }
    }

    /** One that listens, or is about to: whoever connects tries again. */
    private static Process netcat(int port) throws IOException {
        return new ProcessBuilder(
                        Host.program("nc.openbsd", "netcat-openbsd").toString(), "-d", "-l", "127.0.0.1", "" + port)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static GhciBuffer hello() {
        return GhciBuffer.holding("hello".getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertHello(Process netcat) throws IOException {
        assertEquals(
                "03" + "0100000000000000" + "01000000" + "00000000" + "05000000" + "68656c6c6f",
                HexFormat.of().formatHex(netcat.getInputStream().readNBytes(26)));
    }

    @Test
    void aPeerThatIsKilledInTheMidstOfAMessageEndsTheGuestsConnection() throws Exception {
        int tcp = freePort();
        Process peer = new ProcessBuilder(
                        Host.program("nc.openbsd", "netcat-openbsd").toString(), "-l", "127.0.0.1", "" + tcp)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (VsockAppliance host = appliance("source", SOURCE_PORT, at("connect", tcp), MigTdFraming.NATIVE);
                VsockFrontendDevice guest = VsockFrontendDevice.attach(host.vsock(1));
                TcpTdxCalls calls = calls(guest, SOURCE_PORT, MigTdFraming.NATIVE)) {
            peer.getOutputStream().write(HexFormat.of().parseHex("05000000" + "6865"));
            peer.getOutputStream().flush();
            GhciBuffer two = new GhciBuffer(new byte[GhciBuffer.HEADER_SIZE + 2]);
            calls.migtdReceive(MIGRATION, two, 0);
            assertArrayEquals("he".getBytes(StandardCharsets.US_ASCII), two.payload());
            peer.destroyForcibly();
            TdxCallException ended =
                    assertThrows(TdxCallException.class, () -> calls.migtdReceive(MIGRATION, new GhciBuffer(), 0));
            assertTrue(ended.toString().contains("ended the connection within a message"), ended::toString);
        } finally {
            peer.destroyForcibly();
        }
    }
}
