package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.sun.management.ThreadMXBean;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing that becomes of a frame allocates, once the code is compiled. What allocates does so for each frame, so one round of
 * visits without a byte allocated shows it.
 */
@Tag("absolute-gate") // the bounded form allocates
class AllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int VISITS = 8;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A frame that one guest sends, with another one beside it. */
    record Traffic(String name, BiFunction<Guest, Guest, byte[]> frame) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Traffic> traffic() {
        String options = "00010400000000";
        return Stream.of(
                new Traffic("forwarded", (a, b) -> Frames.udp(a, b.ipv4(), 200)),
                new Traffic("IPv6 forwarded", (a, b) -> Frames6.udp(a, b.ipv6(), 200)),
                new Traffic(
                        "IPv6 with an extension header",
                        (a, b) -> Frames6.behind(Frames6.DESTINATION_OPTIONS, options, Frames6.udp(a, b.ipv6(), 200))),
                new Traffic("routed", (a, b) -> {
                    Map<Ipv4Prefix, Route> routes = Map.of(Ipv4Prefix.parse("192.168.7.0/24"), Route.via(b.port));
                    a.port.network().routes(new Routes(routes, Map.of()));
                    return Frames.udp(a, Ipv4Address.parse("192.168.7.9").value(), 200);
                }),
                new Traffic("IPv6 routed", (a, b) -> {
                    Map<Ipv6Prefix, Route> routes = Map.of(Ipv6Prefix.parse("2001:db8:7::/48"), Route.via(b.port));
                    a.port.network().routes(new Routes(Map.of(), routes));
                    return Frames6.udp(a, Ipv6Address.parse("2001:db8:7::9"), 200);
                }),
                new Traffic("echo", (a, b) -> Frames.echo(a, DataPlane.GATEWAY, 98)),
                new Traffic("IPv6 echo", (a, b) -> Frames6.echo(a, a.ipv6(), Frames6.GATEWAY, 118)),
                new Traffic("ARP", (a, b) -> Frames.arpRequest(a, a.ipv4(), b.ipv4())),
                new Traffic(
                        "solicitation",
                        (a, b) -> Frames6.solicitation(a, a.ipv6(), Frames6.GATEWAY, Frames6.GATEWAY, true)),
                new Traffic("unreachable", (a, b) -> Frames.udp(a, DataPlane.PREFIX + 200, 1000)),
                new Traffic("IPv6 unreachable", (a, b) -> Frames6.udp(a, Frames6.STRANGER, 1500)),
                new Traffic("spoofed", (a, b) -> Frames6.udp(a, b.ipv6(), b.ipv6(), 100)));
    }

    @ParameterizedTest
    @MethodSource("traffic")
    void allocatesNothing(Traffic traffic) throws Exception {
        try (DataPlane plane = DataPlane.subnet()) {
            Guest a = plane.guest();
            Guest b = plane.guest();
            byte[] frame = traffic.frame.apply(a, b);
            long least = Stream.generate(() -> round(plane, a, b, frame))
                    .limit(ROUNDS)
                    .filter(bytes -> bytes == 0)
                    .findFirst()
                    .orElse(1L);
            assertEquals(0, least);
            assertNotEquals(0, a.port.counter(Counter.TX_FRAMES));
            assertEquals(0, a.port.counter(Counter.ICMP_ERRORS_LIMITED));
        }
    }

    /** Some frames. @return bytes that the visits allocated */
    private long round(DataPlane plane, Guest a, Guest b, byte[] frame) {
        long bytes = 0;
        for (int i = 0; i < VISITS; i++) {
            a.post(a.rx.freeDescriptors(), 2000);
            b.post(b.rx.freeDescriptors(), 2000);
            for (int n = 0; n < 8; n++) {
                a.send(frame);
            }
            plane.nowNs += 1_000_000_000;
            long before = threads.getCurrentThreadAllocatedBytes();
            plane.visit(a);
            plane.visit(a);
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            a.transmitted();
            a.receiveFrames();
            b.receiveFrames();
        }
        return bytes;
    }
}
