package io.vireo.router.dataplane;

import static io.vireo.router.dataplane.Frames.ETHERNET;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.virtqueue.Features;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * A way to have one frame dropped.
 *
 * @param reason what is counted
 * @param why what is wrong with the frame
 */
record Drop(Counter reason, String why, Sending sending) {
    private static final int STRANGER = DataPlane.PREFIX + 200;
    private static final int MULTICAST = 0xe000_0001;

    /** Two guests of a subnet, the first of which is about to send; the other has buffers. */
    interface Sending {
        /** Has {@code a} send one frame. */
        void send(DataPlane plane, Guest a, Guest b) throws Exception;
    }

    @Override
    public String toString() {
        return reason + ": " + why;
    }

    private static Drop drop(Counter reason, String why, Sending sending) {
        return new Drop(reason, why, sending);
    }

    static Stream<Drop> all() {
        return Stream.of(ofEthernet(), ofArp(), ofIpv4(), ofRouting(), ofReceivers(), Ipv6Drop.all())
                .flatMap(drops -> drops);
    }

    private static Stream<Drop> ofEthernet() {
        return Stream.of(
                drop(Counter.TX_DROP_TRUNCATED, "no virtio-net header", (p, a, b) -> a.sendRaw(new byte[11])),
                drop(Counter.TX_DROP_TRUNCATED, "a header alone", (p, a, b) -> a.sendRaw(new byte[12])),
                drop(Counter.TX_DROP_TRUNCATED, "13 bytes", (p, a, b) -> a.send(new byte[13])),
                drop(
                        Counter.TX_DROP_OVERSIZED,
                        "one byte above the MTU",
                        (p, a, b) -> a.send(Frames.udp(a, b.ipv4(), 1515))),
                drop(Counter.TX_DROP_OFFLOAD, "checksum offload", (p, a, b) -> {
                    a.start(Features.NET_CSUM);
                    a.sendRaw(withHeaderByte(0, 1, a, b));
                }),
                drop(Counter.TX_DROP_OFFLOAD, "segmentation", (p, a, b) -> {
                    a.start(Features.NET_CSUM);
                    a.sendRaw(withHeaderByte(1, 1, a, b));
                }),
                drop(Counter.TX_DROP_DISABLED, "the ring is disabled", (p, a, b) -> {
                    a.port.enable(NetPort.TRANSMIT_QUEUE, false);
                    a.send(Frames.udp(a, b.ipv4(), 60));
                }),
                drop(
                        Counter.TX_DROP_SPOOFED_MAC,
                        "another guest's MAC",
                        (p, a, b) -> a.send(ip(Gateway.GATEWAY_MAC, b.mac(), a.ipv4(), b.ipv4()))),
                drop(
                        Counter.TX_DROP_SPOOFED_MAC,
                        "the gateway's MAC",
                        (p, a, b) -> a.send(ip(Gateway.GATEWAY_MAC, Gateway.GATEWAY_MAC, a.ipv4(), b.ipv4()))),
                drop(
                        Counter.TX_DROP_FOREIGN_MAC,
                        "past the gateway",
                        (p, a, b) -> a.send(ip(b.mac(), a.mac(), a.ipv4(), b.ipv4()))),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "broadcast MAC",
                        (p, a, b) -> a.send(ip(Frames.BROADCAST, a.mac(), a.ipv4(), b.ipv4()))),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "multicast MAC",
                        (p, a, b) -> a.send(ip(0x0100_5e00_0001L, a.mac(), a.ipv4(), MULTICAST))),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "broadcast address",
                        (p, a, b) -> a.send(ip(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), -1))),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "multicast address",
                        (p, a, b) -> a.send(ip(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), MULTICAST))),
                drop(Counter.TX_DROP_ETHERTYPE, "a VLAN tag", (p, a, b) -> a.send(with(a, b, 12, 0x81, 0x00))));
    }

    private static Stream<Drop> ofArp() {
        int gateway = DataPlane.GATEWAY;
        return Stream.of(
                drop(
                        Counter.TX_DROP_ARP_MALFORMED,
                        "cut short",
                        (p, a, b) -> a.send(Arrays.copyOf(Frames.arpRequest(a, a.ipv4(), gateway), 41))),
                drop(Counter.TX_DROP_ARP_MALFORMED, "not Ethernet", (p, a, b) -> a.send(arpWith(a, 1, 6))),
                drop(Counter.TX_DROP_ARP_UNANSWERED, "a reply", (p, a, b) -> a.send(arpWith(a, 7, 2))),
                drop(
                        Counter.TX_DROP_ARP_UNANSWERED,
                        "a stranger's address",
                        (p, a, b) -> a.send(Frames.arpRequest(a, a.ipv4(), STRANGER))),
                drop(
                        Counter.TX_DROP_ARP_UNANSWERED,
                        "an announcement",
                        (p, a, b) -> a.send(Frames.arpRequest(a, a.ipv4(), a.ipv4()))),
                drop(
                        Counter.TX_DROP_ARP_UNANSWERED,
                        "a probe for its own address",
                        (p, a, b) -> a.send(Frames.arpRequest(a, 0, a.ipv4()))),
                drop(
                        Counter.TX_DROP_SPOOFED_IPV4,
                        "ARP from another's address",
                        (p, a, b) -> a.send(Frames.arpRequest(a, b.ipv4(), gateway))),
                drop(
                        Counter.TX_DROP_SPOOFED_MAC,
                        "ARP from another's MAC",
                        (p, a, b) -> a.send(arpWith(a, 13, (byte) b.mac()))));
    }

    private static Stream<Drop> ofIpv4() {
        return Stream.of(
                drop(Counter.TX_DROP_IPV4_MALFORMED, "version 5", (p, a, b) -> a.send(with(a, b, ETHERNET, 0x55))),
                drop(
                        Counter.TX_DROP_IPV4_MALFORMED,
                        "a header of 16 bytes",
                        (p, a, b) -> a.send(with(a, b, ETHERNET, 0x44))),
                drop(
                        Counter.TX_DROP_IPV4_MALFORMED,
                        "options behind its end",
                        (p, a, b) -> a.send(with(a, b, ETHERNET, 0x4f))),
                drop(
                        Counter.TX_DROP_IPV4_MALFORMED,
                        "longer than its frame",
                        (p, a, b) -> a.send(Frames.sealed(with(a, b, ETHERNET + 2, 0, 47)))),
                drop(
                        Counter.TX_DROP_IPV4_MALFORMED,
                        "shorter than its header",
                        (p, a, b) -> a.send(Frames.sealed(with(a, b, ETHERNET + 2, 0, 19)))),
                drop(
                        Counter.TX_DROP_IPV4_MALFORMED,
                        "half a header",
                        (p, a, b) -> a.send(Arrays.copyOf(Frames.udp(a, b.ipv4(), 60), ETHERNET + 19))),
                drop(
                        Counter.TX_DROP_IPV4_CHECKSUM,
                        "wrong checksum",
                        (p, a, b) -> a.send(with(a, b, Frames.IP_CHECKSUM, 0x12, 0x34))),
                drop(
                        Counter.TX_DROP_SPOOFED_IPV4,
                        "another's address",
                        (p, a, b) -> a.send(ip(Gateway.GATEWAY_MAC, a.mac(), b.ipv4(), b.ipv4()))),
                drop(
                        Counter.TX_DROP_SPOOFED_IPV4,
                        "0.0.0.0, but no DHCP",
                        (p, a, b) -> a.send(ip(Gateway.GATEWAY_MAC, a.mac(), 0, b.ipv4()))),
                drop(Counter.TX_DROP_PUNT_FULL, "no room for DHCP", (p, a, b) -> {
                    p.slowPath.full = true;
                    a.send(Frames.dhcp(a, 300));
                }));
    }

    private static Stream<Drop> ofRouting() {
        return Stream.of(
                drop(Counter.TX_DROP_NO_ROUTE, "a stranger", (p, a, b) -> a.send(Frames.udp(a, STRANGER, 60))),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "the subnet's broadcast",
                        (p, a, b) -> a.send(Frames.udp(a, DataPlane.PREFIX + 255, 60))),
                drop(
                        Counter.TX_DROP_NOT_SERVED,
                        "UDP to the gateway",
                        (p, a, b) -> a.send(Frames.udp(a, DataPlane.GATEWAY, 60))),
                drop(
                        Counter.TX_DROP_NOT_SERVED,
                        "UDP to 169.254.0.1",
                        (p, a, b) -> a.send(Frames.udp(a, Gateway.GATEWAY_IPV4_LINK_LOCAL, 60))),
                drop(Counter.TX_DROP_NOT_SERVED, "an echo reply to the gateway", (p, a, b) -> {
                    byte[] frame = Frames.echo(a, DataPlane.GATEWAY, 60);
                    frame[ETHERNET + Frames.IPV4] = 0;
                    a.send(frame);
                }));
    }

    /** The receiver's reasons are counted there. */
    private static Stream<Drop> ofReceivers() {
        return Stream.of(
                drop(Counter.RX_DROP_NOT_READY, "its ring is stopped", (p, a, b) -> {
                    b.port.stop(NetPort.RECEIVE_QUEUE);
                    a.send(Frames.udp(a, b.ipv4(), 60));
                }),
                drop(Counter.RX_DROP_NOT_READY, "its ring is disabled", (p, a, b) -> {
                    b.port.enable(NetPort.RECEIVE_QUEUE, false);
                    a.send(Frames.udp(a, b.ipv4(), 60));
                }),
                drop(Counter.RX_DROP_BUFFER_TOO_SMALL, "its buffers cannot be merged", (p, a, b) -> {
                    b.port.start(b.setup(NetPort.RECEIVE_QUEUE, 0, true));
                    a.send(Frames.udp(a, b.ipv4(), 1490));
                }));
    }

    private static byte[] ip(long toMac, long fromMac, int from, int to) {
        return Frames.ipv4(toMac, fromMac, from, to, 17, 64, 60);
    }

    /** A good frame with some bytes from {@code offset} on replaced. */
    private static byte[] with(Guest a, Guest b, int offset, int... bytes) {
        byte[] frame = Frames.udp(a, b.ipv4(), 60);
        for (int i = 0; i < bytes.length; i++) {
            frame[offset + i] = (byte) bytes[i];
        }
        return frame;
    }

    private static byte[] arpWith(Guest a, int offset, int value) {
        byte[] frame = Frames.arpRequest(a, a.ipv4(), DataPlane.GATEWAY);
        frame[ETHERNET + offset] = (byte) value;
        return frame;
    }

    private static byte[] withHeaderByte(int offset, int value, Guest a, Guest b) {
        byte[] bytes = Guest.withHeader(Frames.udp(a, b.ipv4(), 60));
        bytes[offset] = (byte) value;
        return bytes;
    }
}
