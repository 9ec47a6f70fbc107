package io.vireo.benchmarks.dhcp;

import io.vireo.benchmarks.live.LiveVireo;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.harness.packets.Mac;
import io.vireo.linux.Tap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** dnsmasq with a pool of one address and a lease file, without its DNS, and without looking for conflicts. */
record DnsmasqServer(Path leases, Wire wire, NamespaceGuest client, NamespaceGuest server) implements Server {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int MTU = 1500;

    static DnsmasqServer start() throws IOException {
        Path leases = Files.createTempFile("vireo-dnsmasq-", ".leases");
        String program = Host.program("dnsmasq", "dnsmasq-base").toString();
        NamespaceGuest client = NamespaceGuest.withoutCard("client");
        try {
            NamespaceGuest server = NamespaceGuest.withoutCard("server");
            try {
                Wire wire = wire(client, server);
                server.run(script(program, leases), SOON);
                return new DnsmasqServer(leases, wire, client, server);
            } catch (Throwable e) {
                server.close();
                throw e;
            }
        } catch (Throwable e) {
            client.close();
            throw e;
        }
    }

    private static String script(String program, Path leases) {
        return """
                ip address add %1$s/16 dev eth0
                ip link set eth0 up
                %2$s --conf-file=/dev/null --user=root --pid-file=/run/dnsmasq.pid --port=0 --interface=eth0 \
                    --bind-interfaces --dhcp-authoritative --no-ping --quiet-dhcp --dhcp-leasefile=%4$s \
                    --dhcp-range=%3$s,%3$s,255.255.0.0,24h --dhcp-option=26,%5$d
                """.formatted(Perfdhcp.SERVER, program, LiveVireo.address(1).getHostAddress(), leases, MTU);
    }

    private static Wire wire(NamespaceGuest client, NamespaceGuest server) throws IOException {
        Tap one = client.plug(Mac.parse(LiveVireo.mac(1)), MTU);
        Tap other = server.plug(Mac.parse("02:00:00:00:00:02"), MTU);
        return new Wire(one, other);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try (NamespaceGuest last = client;
                NamespaceGuest second = server) {
            wire.close();
        }
        Files.delete(leases);
    }
}
