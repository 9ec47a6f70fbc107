package io.vireo.benchmarks.dpdk;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A guest in a testpmd, that sends the same few datagrams over and over, as fast as they are taken. */
final class Source {
    /** From the Ethernet header on. */
    static final int FRAME = 64;

    private static final int FRAMES = 64;
    private static final int FIRST_PORT = 1024;
    private static final int TTL = 64;

    /** Of Ethernet, IPv4 and UDP. */
    private static final int HEADERS = 14 + 20 + 8;

    private static final int VIRTIO_NET_HEADER = 12;

    // pcap-savefile(5)
    private static final int MAGIC = 0xa1b2c3d4;
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;
    private static final short MAJOR = 2;
    private static final short MINOR = 4;
    private static final int SNAP_LENGTH = 65_535;
    private static final int LINKTYPE_ETHERNET = 1;

    private final Testpmd testpmd;

    private Source(Testpmd testpmd) {
        this.testpmd = testpmd;
    }

    /**
     * Attaches the guest.
     *
     * @param flows how many take turns, {@value #FRAMES} at most
     * @throws IOException also if the backend does not have these rings
     */
    static Source start(Stage stage, Ring ring, int flows) throws IOException {
        Path file = Files.write(stage.folder().resolve("frames.pcap"), capture(flows));
        List<String> environment = List.of(
                "--single-file-segments",
                Generator.LOG_FEATURES,
                "--vdev=net_pcap0,rx_pcap=" + file + ",infinite_rx=1",
                Generator.guest(stage, 0, ring));
        Testpmd testpmd =
                Testpmd.start(stage, "generator", stage.cpus().generator(), environment, List.of("--forward-mode=io"));
        Generator.requireNegotiated(ring, testpmd.log());
        return new Source(testpmd);
    }

    static byte[] capture(int flows) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(FILE_HEADER + FRAMES * (PACKET_HEADER + FRAME))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putShort(MAJOR)
                .putShort(MINOR)
                .putInt(0)
                .putInt(0)
                .putInt(SNAP_LENGTH)
                .putInt(LINKTYPE_ETHERNET);
        for (int i = 0; i < FRAMES; i++) {
            byte[] datagram = datagram(FIRST_PORT + i % flows);
            file.putInt(0).putInt(0).putInt(FRAME).putInt(FRAME);
            file.put(datagram, VIRTIO_NET_HEADER, FRAME);
        }
        return file.array();
    }

    private static byte[] datagram(int port) throws IOException {
        return Packets.createUdp(
                Mac.parse(Generator.MACS.getFirst()),
                Mac.parse(Generator.GATEWAY),
                (Inet4Address) InetAddress.getByName(Generator.ADDRESSES.getFirst()),
                (Inet4Address) InetAddress.getByName(Destination.ADDRESS),
                port,
                Destination.PORT,
                new byte[FRAME - HEADERS],
                TTL);
    }

    /** Sends from now on. */
    void start() throws IOException {
        testpmd.command("start");
    }

    /** What it received is what it would have sent, had it been taken. */
    TestpmdCounters counters() throws IOException {
        return testpmd.counters();
    }
}
