package io.vireo.harness.demo;

import io.vireo.appliance.Logging;
import io.vireo.appliance.Subcommand;
import io.vireo.harness.packets.ClasslessRoute;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.Router;
import io.vireo.router.SocketPolicy;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Two guests lease, ping and load a router, all within this process. */
@Command(
        name = "demo",
        description =
                "Shows the appliance at work on two guests inside this process. Needs no configuration and no root.")
public final class DemoCommand implements Subcommand {
    private static final int PINGS = 100;
    private static final long BURST_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int BATCH = 64;
    /** Of a UDP datagram that makes a frame of 60 bytes, 64 with its check sequence on a wire. */
    private static final int SMALL_PAYLOAD = 18;

    private static final int LARGE_PAYLOAD = 1472;
    private static final long DRAIN_NS = TimeUnit.SECONDS.toNanos(1);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Logging.setQuiet();
        Path folder = Files.createTempDirectory("vireo-demo-");
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
        List<Ipv4Address> dns = List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8"));
        VhostConfig vm1 = VhostConfig.of(folder.resolve("vm1.sock"), MacAddress.parse("52:54:00:12:34:01"))
                .withIpv4(Ipv4Address.parse("10.0.0.5"))
                .withDns(dns);
        VhostConfig vm2 = VhostConfig.of(folder.resolve("vm2.sock"), MacAddress.parse("52:54:00:12:34:02"))
                .withIpv4(Ipv4Address.parse("10.0.0.6"))
                .withDns(dns);
        RouterConfig config = new RouterConfig(1, List.of(network), List.of(vm1, vm2));
        try (Router router = Router.start(config, SocketPolicy.DEFAULT)) {
            say("Vireo routes network %s with its gateway %s", network.ipv4(), network.gateway());
            try (DemoGuest first = DemoGuest.attach("vm1", vm1.socket().path());
                    DemoGuest second = DemoGuest.attach("vm2", vm2.socket().path())) {
                show(first, second);
            }
        } finally {
            Files.delete(folder);
        }
        say("all of it worked");
        return 0;
    }

    private void show(DemoGuest first, DemoGuest second) throws IOException {
        say("memory: %s", first.usesHugePages() ? "huge pages" : "normal pages, as no huge pages are free");
        for (DemoGuest guest : List.of(first, second)) {
            say("%s attached: MAC %s, MTU %d", guest.name(), guest.mac(), guest.mtu());
            DhcpResponse lease = guest.lease();
            say("%s leased %s", guest.name(), describe(lease));
            Inet4Address gateway = lease.router().orElseThrow(() -> new IOException("the lease names no router"));
            say("%s found gateway %s at %s", guest.name(), gateway.getHostAddress(), guest.resolve(gateway));
            long[] trips = new long[PINGS];
            for (int i = 0; i < PINGS; i++) {
                trips[i] = guest.ping(gateway, i);
            }
            say("%s pinged the gateway %s", guest.name(), describe(trips));
        }
        long[] trips = new long[PINGS];
        for (int i = 0; i < PINGS; i++) {
            trips[i] = first.ping(second, i);
        }
        say("%s pinged %s %s", first.name(), second.name(), describe(trips));
        burst(first, second, SMALL_PAYLOAD);
        burst(first, second, LARGE_PAYLOAD);
    }

    private static String describe(DhcpResponse lease) {
        String dns =
                lease.dnsServers().stream().map(Inet4Address::getHostAddress).collect(Collectors.joining(" "));
        String routes =
                lease.classlessRoutes().stream().map(ClasslessRoute::toString).collect(Collectors.joining(" "));
        return "%s for %d h from %s, DNS %s%s"
                .formatted(
                        lease.yourIp().getHostAddress(),
                        TimeUnit.SECONDS.toHours(lease.leaseTime().orElse(0)),
                        lease.serverIp().getHostAddress(),
                        dns,
                        routes.isEmpty() ? "" : ", routes " + routes);
    }

    private static String describe(long[] tripsNs) {
        Arrays.sort(tripsNs);
        return "%d times: round trip %.0f us in the median, %.0f at most"
                .formatted(tripsNs.length, tripsNs[tripsNs.length / 2] / 1e3, tripsNs[tripsNs.length - 1] / 1e3);
    }

    /** Sends as fast as the rings take it; both guests share this thread. */
    private void burst(DemoGuest from, DemoGuest to, int payload) throws IOException {
        byte[] packet = from.datagramTo(to, payload);
        long sent = 0;
        long received = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < BURST_NS) {
            sent += from.send(packet, BATCH);
            received += to.discardReceived();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long inTime = received;
        long deadline = System.nanoTime() + DRAIN_NS;
        while (received < sent && System.nanoTime() < deadline) {
            received += to.discardReceived();
        }
        if (inTime == 0) {
            throw new IOException(to.name() + " received nothing of " + sent + " frames");
        }
        say(
                "%s sent %s frames of %d bytes for %.1f s: %.2f million a second arrived, %d were dropped",
                from.name(), to.name(), payload + 42, seconds, inTime / seconds / 1e6, sent - received);
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
