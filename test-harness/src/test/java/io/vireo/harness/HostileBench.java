package io.vireo.harness;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.net.Inet4Address;

/**
 * A router with a guest that tests may play as badly as they like, two that nobody attacks, and one that it talks with; and a
 * vsock device for the same. For one class of tests, on one thread.
 */
final class HostileBench implements AutoCloseable {
    static final int HOSTILE = 1;
    private static final int FRIEND = 4;
    private static final int BUFFERS = 64;
    private static final int VSOCK_QUEUES = 3;
    private static final long ANSWER_MS = 200;
    private static final int SOURCE_PORT = 40_001;
    private static final int DESTINATION_PORT = 7;

    private final TestRouter router;
    private final TestVsock vsock;
    private final Bystanders others;
    private final TestGuest friend;
    private int seed;

    HostileBench() throws Exception {
        router = TestRouter.start(Addressing.SUBNET, 4);
        vsock = TestVsock.start();
        friend = TestGuest.attach(router, FRIEND);
        friend.post(BUFFERS, TestGuest.BUFFER_SIZE);
        others = Bystanders.start(router, 2, 3);
    }

    Bystanders others() {
        return others;
    }

    TestVsock vsock() {
        return vsock;
    }

    TestGuest friend() {
        return friend;
    }

    TestRouter router() {
        return router;
    }

    /** Attaches the guest that is to be hostile. */
    RawFrontend attach(long features, int queues) throws IOException {
        return RawFrontend.attach(router.socket(HOSTILE), RawFrontend.FEATURES | features, queues);
    }

    RawFrontend attach(long features, int queues, RawMemory.Layout layout) throws IOException {
        return RawFrontend.attach(router.socket(HOSTILE), RawFrontend.FEATURES | features, queues, layout);
    }

    RawFrontend attachVsock(long features, RawMemory.Layout layout) throws IOException {
        return RawFrontend.attach(vsock.socket(), RawFrontend.FEATURES | features, VSOCK_QUEUES, layout);
    }

    RawFrontend attachVsock(long features) throws IOException {
        return RawFrontend.attach(vsock.socket(), RawFrontend.FEATURES | features, VSOCK_QUEUES);
    }

    long drops() {
        return router.drops(HOSTILE);
    }

    long counter(Counter counter) {
        return router.counter(HOSTILE, counter);
    }

    private Mac mac() {
        return Packets.mac(router.mac(HOSTILE));
    }

    Inet4Address address() {
        return Packets.ip(router.address(HOSTILE));
    }

    /** A datagram from the hostile guest to its friend, another one each time; as the rings have it. */
    byte[] datagram(int length) {
        byte[] payload = TestGuest.payload(length, ++seed);
        return Packets.createUdp(
                mac(),
                TestGuest.GATEWAY_MAC,
                address(),
                friend.ip,
                SOURCE_PORT,
                DESTINATION_PORT,
                payload,
                TestGuest.TTL);
    }

    /** The friend gets the last {@link #datagram}, and nothing before it. */
    void expectDatagram(int length) throws IOException {
        byte[] payload = TestGuest.payload(length, seed);
        friend.expect(Packets.createUdp(
                TestGuest.GATEWAY_MAC,
                friend.mac,
                address(),
                friend.ip,
                SOURCE_PORT,
                DESTINATION_PORT,
                payload,
                TestGuest.TTL));
    }

    /** A datagram to the hostile guest. */
    void sendBack(int length) throws IOException {
        friend.send(Packets.createUdp(
                friend.mac,
                TestGuest.GATEWAY_MAC,
                friend.ip,
                address(),
                SOURCE_PORT,
                DESTINATION_PORT,
                TestGuest.payload(length, ++seed),
                TestGuest.TTL));
    }

    /** The last packet of {@link #sendBack} as the hostile guest gets it, with a plain virtio-net header in front. */
    byte[] received(int length) {
        return Packets.createUdp(
                TestGuest.GATEWAY_MAC,
                mac(),
                friend.ip,
                address(),
                SOURCE_PORT,
                DESTINATION_PORT,
                TestGuest.payload(length, seed),
                TestGuest.TTL);
    }

    /** Takes what came to the friend, who has not looked, of all that was sent. Answers may be lost before there is room for them. */
    void drainFriend() throws IOException {
        boolean drained = false;
        while (!drained) {
            friend.send(friend.echoRequest(TestGuest.GATEWAY, 1, new byte[0]));
            while (!drained && friend.device().waitForRx(ANSWER_MS)) {
                drained = friend.device()
                        .recvPacket()
                        .flatMap(Packets::parseIcmpEchoReply)
                        .isPresent();
            }
        }
        while (friend.device().waitForRx(ANSWER_MS)) {
            friend.device().recvPacket(); // an answer to an earlier try
        }
    }

    /** A guest that is attached now has its frames delivered. */
    void assertServed(long features) throws IOException {
        try (RawFrontend guest = attach(features, 2)) {
            assertServed(guest);
        }
    }

    void assertServed(RawFrontend guest) throws IOException {
        guest.send(RawFrontend.TRANSMIT, datagram(100));
        guest.awaitUsed(RawFrontend.TRANSMIT);
        expectDatagram(100);
    }

    @Override
    public void close() throws Exception {
        others.close();
        friend.close();
        vsock.close();
        router.close();
    }
}
