package io.vireo.harness.demo;

import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Load between two guests with every kind of frame in it: answered, forwarded, backlogged, and dropped for any reason. */
final class Training {
    private static final long BURST_NS = TimeUnit.MILLISECONDS.toNanos(700);
    private static final int BATCH = 64;
    private static final int PINGS = 200;
    private static final int[] PAYLOADS = {18, 470, 1472};
    private static final int IPV6_MORE = 20;
    private static final int ROUNDS_BETWEEN_RARE = 50;
    private static final int ETHERNET = 12;
    private static final int IP = ETHERNET + 14;
    private static final int IPV4_HEADERS = 28;
    private static final int IPV6_HEADERS = IPV4_HEADERS + IPV6_MORE;

    private Training() {}

    /** Twice, as the second time each socket has a frontend that has returned. */
    static void between(Path firstSocket, Path secondSocket) throws IOException {
        for (int i = 0; i < 2; i++) {
            try (DemoGuest first = DemoGuest.attach("first", firstSocket);
                    DemoGuest second = DemoGuest.attach("second", secondSocket)) {
                exchange(first, second);
                exchange(second, first);
            }
        }
    }

    private static void exchange(DemoGuest from, DemoGuest to) throws IOException {
        Inet4Address gateway = Packets.ip("169.254.0.1");
        for (DemoGuest guest : List.of(from, to)) {
            guest.lease();
            guest.resolve(gateway);
        }
        TrainingIpv6 fromIpv6 = new TrainingIpv6(from);
        TrainingIpv6 toIpv6 = new TrainingIpv6(to);
        for (int i = 0; i < PINGS; i++) {
            from.ping(gateway, i);
            from.ping(to, i);
            fromIpv6.pingGateway(i);
            fromIpv6.ping(toIpv6, i);
        }
        List<byte[]> common = new ArrayList<>();
        for (int payload : PAYLOADS) {
            common.add(from.datagramTo(to, payload));
            common.add(fromIpv6.datagramTo(toIpv6, payload - Math.min(payload, IPV6_MORE)));
        }
        List<byte[]> rare = rare(from, to);
        rare.addAll(fromIpv6.rareTo(toIpv6));
        addDamaged(rare, common.get(0), IPV4_HEADERS);
        addDamaged(rare, common.get(1), IPV6_HEADERS);
        load(from, to, common, rare);
    }

    private static void load(DemoGuest from, DemoGuest to, List<byte[]> common, List<byte[]> rare) {
        long deadlineNs = System.nanoTime() + BURST_NS;
        for (int round = 0; System.nanoTime() < deadlineNs; round++) {
            from.send(common.get(round % common.size()), BATCH);
            if (round % ROUNDS_BETWEEN_RARE == 0) {
                rare.forEach(frame -> from.send(frame, 1));
            }
            // Now and then the receiver sleeps, and its frames wait, until there is no room for more.
            if (round / ROUNDS_BETWEEN_RARE % 4 != 0) {
                to.discardReceived();
            }
            from.discardReceived();
        }
        settle(from, to);
    }

    /** Empties both guests' rings, so that the next answer that is expected is the next frame. */
    private static void settle(DemoGuest from, DemoGuest to) {
        long quietSinceNs = System.nanoTime();
        while (System.nanoTime() - quietSinceNs < TimeUnit.MILLISECONDS.toNanos(100)) {
            if (from.discardReceived() + to.discardReceived() > 0) {
                quietSinceNs = System.nanoTime();
            }
        }
    }

    private static List<byte[]> rare(DemoGuest from, DemoGuest to) {
        Inet4Address gateway = Packets.ip("169.254.0.1");
        List<byte[]> frames = new ArrayList<>();
        frames.add(Packets.createArpRequest(from.mac(), from.address(), gateway));
        frames.add(Packets.createArpRequest(from.mac(), from.address(), to.address()));
        frames.add(Packets.createArpRequest(from.mac(), to.address(), gateway));
        frames.add(Packets.createDhcpDiscover(from.mac(), 1));
        frames.add(from.echoTo(gateway, 0));
        frames.add(from.echoTo(to.address(), 0));
        frames.add(from.datagramTo(Packets.ip("203.0.113.1"), PAYLOADS[0]));
        frames.add(from.datagramTo(from.address(), PAYLOADS[0]));
        frames.add(from.datagramTo(gateway, PAYLOADS[0]));
        return frames;
    }

    /** The frame cut at every byte, and with every byte of its headers wrong. */
    private static void addDamaged(List<byte[]> frames, byte[] frame, int headers) {
        for (int length = 0; length < frame.length; length++) {
            frames.add(Arrays.copyOf(frame, length));
        }
        for (int offset = 0; offset < IP + headers; offset++) {
            frames.add(damaged(frame, offset));
        }
    }

    private static byte[] damaged(byte[] frame, int offset) {
        byte[] copy = frame.clone();
        copy[offset] ^= 0x41;
        return copy;
    }
}
