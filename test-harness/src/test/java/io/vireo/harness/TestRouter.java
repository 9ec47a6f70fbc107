package io.vireo.harness;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.Addressing;
import io.vireo.router.NetworkConfig;
import io.vireo.router.Router;
import io.vireo.router.RouterConfig;
import io.vireo.router.SocketPolicy;
import io.vireo.router.VhostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A real router with one network, 10.0.0.0/24, and guests vm1, vm2, ... with the addresses 10.0.0.5, 10.0.0.6, ... and the
 * MACs 52:54:00:12:34:01, 52:54:00:12:34:02, ...
 */
public final class TestRouter implements AutoCloseable {
    private final Path folder;
    private final List<VhostConfig> guests;
    private final Router router;

    private TestRouter(Path folder, List<VhostConfig> guests, Router router) {
        this.folder = folder;
        this.guests = guests;
        this.router = router;
    }

    public static TestRouter start(Addressing addressing, int guests) throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), addressing);
        List<VhostConfig> ports = IntStream.rangeClosed(1, guests)
                .mapToObj(number -> VhostConfig.of(folder.resolve("vm" + number + ".sock"), macOf(number))
                        .withIpv4(Ipv4Address.parse("10.0.0." + (4 + number)))
                        .withDns(List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8"))))
                .toList();
        Router router = Router.start(new RouterConfig(1, List.of(network), ports), SocketPolicy.DEFAULT);
        return new TestRouter(folder, ports, router);
    }

    private static MacAddress macOf(int number) {
        return MacAddress.parse("52:54:00:12:34:%02x".formatted(number));
    }

    /** @param number of the guest, from 1 */
    public Path socket(int number) {
        return guests.get(number - 1).socket();
    }

    public String mac(int number) {
        return guests.get(number - 1).mac().toString();
    }

    public Router router() {
        return router;
    }

    @Override
    public void close() throws IOException {
        router.shutdown();
        Files.delete(folder); // empty: the router removed its sockets
    }
}
