package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import java.io.IOException;

/** Datagrams between addresses of either family, which need not be those of the guests that send and receive them. */
final class RoutedDatagrams {
    private static final int SOURCE_PORT = 40_001;
    private static final int DESTINATION_PORT = 7;

    private RoutedDatagrams() {}

    /** Has a guest of a network with IPv6 join it, which is told of the router at once. */
    static TestGuest attach(TestRouter router, int number) throws IOException {
        TestGuest guest = TestGuest.attach(router, number);
        assertTrue(Packets.parseRouterAdvertisement(guest.receive()).isPresent());
        return guest;
    }

    /** What a guest sends. */
    static byte[] sent(TestGuest from, String source, String destination) {
        return datagram(from.mac, GATEWAY_MAC, source, destination, TTL);
    }

    /** Sends a datagram, which must be the next frame that the other guest receives, in each byte: one hop on. */
    static void deliver(TestGuest from, String source, TestGuest to, String destination) throws IOException {
        from.send(sent(from, source, destination));
        to.expect(datagram(GATEWAY_MAC, to.mac, source, destination, TTL - 1));
    }

    private static byte[] datagram(Mac sender, Mac receiver, String source, String destination, int hops) {
        byte[] payload = TestGuest.payload(300, source.hashCode());
        return source.contains(":")
                ? Packets.createUdp(
                        sender,
                        receiver,
                        Packets.ip6(source),
                        Packets.ip6(destination),
                        SOURCE_PORT,
                        DESTINATION_PORT,
                        payload,
                        hops)
                : Packets.createUdp(
                        sender,
                        receiver,
                        Packets.ip(source),
                        Packets.ip(destination),
                        SOURCE_PORT,
                        DESTINATION_PORT,
                        payload,
                        hops);
    }
}
