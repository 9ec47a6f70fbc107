package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.DhcpBuilder;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.router.Router;
import io.vireo.router.SocketPolicy;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One guest asks as thousands of clients, another declines whatever it is offered, and a third wants to be served, all out of
 * a pool of 16.
 */
@Timeout(120)
class DhcpFloodIT {
    private static final int FLOODING = 0;
    private static final int DECLINING = 1;
    private static final int HONEST = 2;

    private static final int ROUNDS = 100;
    private static final int DISCOVERS_A_ROUND = 50;
    private static final int DECLINES_A_CLIENT = 8;
    private static final int BUFFERS = 64;
    private static final int CLIENT_IDENTIFIER = 61;
    private static final long TIMEOUT_MS = 10_000;
    private static final Inet4Address SERVER = Packets.ip("10.0.0.1");

    @TempDir
    Path folder;

    private final List<VhostUserFrontendDevice> guests = new ArrayList<>();
    private Router router;
    private int transaction;

    @BeforeEach
    @SuppressWarnings("NullAway.Init")
    void start() throws IOException {
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                .withPool(new Ipv4Range(Ipv4Address.parse("10.0.0.100"), Ipv4Address.parse("10.0.0.115")));
        List<VhostConfig> configs = IntStream.range(0, 3)
                .mapToObj(guest -> VhostConfig.of(folder.resolve(name(guest) + ".sock"), mac(guest)))
                .toList();
        Optional<Path> journal = Optional.of(journal());
        router = Router.start(
                new RouterConfig(1, IdlePolicy.DEFAULT, journal, Optional.empty(), List.of(network), configs),
                SocketPolicy.DEFAULT);
        for (VhostConfig config : configs) {
            VhostUserFrontendDevice guest =
                    VhostUserFrontendDevice.connect(config.socket().path());
            guests.add(guest);
            guest.setup();
            for (int i = 0; i < BUFFERS; i++) {
                guest.provideRxBuffer(TestGuest.BUFFER_SIZE);
            }
        }
    }

    @AfterEach
    void end() {
        guests.forEach(VhostUserFrontendDevice::close);
        router.shutdown();
    }

    private Path journal() {
        return folder.resolve("leases.journal");
    }

    private static String name(int guest) {
        return "vm" + guest;
    }

    private static MacAddress mac(int guest) {
        return new MacAddress(0x5254_0012_3401L + guest);
    }

    private static Mac packetMac(int guest) {
        return Packets.mac(mac(guest).toString());
    }

    @Test
    void costNobodyElseAnything() throws IOException {
        int declined = 0;
        for (int round = 0; round < ROUNDS; round++) {
            flood(round);
            declined += declineOne();
            Inet4Address address = lease();
            send(HONEST, DhcpBuilder.release(packetMac(HONEST), ++transaction, address, Packets.GATEWAY_MAC, SERVER));
        }
        lease();

        assertEquals(DECLINES_A_CLIENT, declined, "then it is offered nothing more");
        assertEquals(0, counter(HONEST, Counter.TX_DROP_PUNT_FULL));
        assertEquals(0, counter(HONEST, Counter.ADDRESSES_EXHAUSTED));
        assertEquals(0, counter(FLOODING, Counter.ADDRESSES_EXHAUSTED), "it is one client under any name");
        assertTrue(counter(DECLINING, Counter.ADDRESSES_EXHAUSTED) > 0);
        assertEquals(1, router.leases().size());
        assertTrue(Files.size(journal()) < 64 * 1024, "the journal has " + Files.size(journal()) + " bytes");
    }

    private void flood(int round) throws IOException {
        VhostUserFrontendDevice guest = guests.get(FLOODING);
        for (int i = 0; i < DISCOVERS_A_ROUND; i++) {
            byte[] name = ByteBuffer.allocate(8).putInt(round).putInt(i).array();
            send(
                    FLOODING,
                    DhcpBuilder.discover(packetMac(FLOODING), ++transaction)
                            .option(CLIENT_IDENTIFIER, Octets.of(name)));
        }
        guest.discardReceived();
    }

    /** Returns 1 if there was something to decline. */
    private int declineOne() throws IOException {
        send(DECLINING, DhcpBuilder.discover(packetMac(DECLINING), ++transaction));
        // An INFORM is answered whatever happens, after the DISCOVER.
        send(DECLINING, DhcpBuilder.inform(packetMac(DECLINING), ++transaction, Packets.ip("10.0.0.200")));
        DhcpResponse first = receive(DECLINING);
        if (first.msgType() != DhcpMessageType.OFFER) {
            return 0;
        }
        assertEquals(DhcpMessageType.ACK, receive(DECLINING).msgType());
        send(DECLINING, DhcpBuilder.decline(packetMac(DECLINING), ++transaction, first.yourIp(), SERVER));
        return 1;
    }

    private Inet4Address lease() throws IOException {
        send(HONEST, DhcpBuilder.discover(packetMac(HONEST), ++transaction));
        DhcpResponse offer = receive(HONEST);
        assertEquals(DhcpMessageType.OFFER, offer.msgType());
        send(HONEST, DhcpBuilder.selecting(packetMac(HONEST), ++transaction, offer.yourIp(), SERVER));
        DhcpResponse ack = receive(HONEST);
        assertEquals(DhcpMessageType.ACK, ack.msgType());
        assertEquals(transaction, ack.xid());
        return ack.yourIp();
    }

    private DhcpResponse receive(int guest) throws IOException {
        return Packets.parseDhcpResponse(guests.get(guest).receive(TIMEOUT_MS)).orElseThrow();
    }

    private void send(int guest, DhcpBuilder message) throws IOException {
        guests.get(guest).sendPacket(message.frame());
    }

    private long counter(int guest, Counter counter) {
        return router.counter(name(guest), counter);
    }
}
