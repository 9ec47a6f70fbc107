package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip;
import static io.vireo.harness.packets.Packets.ip6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Host;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tcpdump, which knows the options that pcap4j does not, says about what is built, and what the parsers' tests read. */
class TcpdumpIT {
    private static final Mac VM = Packets.mac("52:54:00:12:34:01");
    private static final Mac GATEWAY = Packets.GATEWAY_MAC;
    private static final Inet4Address VM_IP = ip("10.0.0.5");
    private static final Inet4Address SERVER = ip("10.0.0.1");
    private static final Inet6Address VM_IPV6 = Packets.linkLocal(VM);
    private static final Octets DUID = Packets.generateDuidLl(VM);
    private static final int VIRTIO_NET_HEADER = 12;
    private static final int XID = 0x89ABCDEF;

    @TempDir
    private Path folder;

    @Test
    void dhcpMessages() throws IOException {
        assertSays(
                DhcpBuilder.discover(VM, XID)
                        .broadcast()
                        .option(61, Octets.of(1, 2, 3, 4, 5, 6, 7))
                        .option(12, Octets.ofText("vm"))
                        .option(57, Octets.of(5, 0xDC))
                        .option(60, Octets.ofText("MSFT 5.0"))
                        .frame(),
                "52:54:00:12:34:01 > ff:ff:ff:ff:ff:ff",
                "0.0.0.0.68 > 255.255.255.255.67: [udp sum ok] BOOTP/DHCP, Request from 52:54:00:12:34:01, length 300",
                "xid 0x89abcdef, Flags [Broadcast]",
                "DHCP-Message (53), length 1: Discover",
                "Classless-Static-Route (121), Subnet-Mask (1), Default-Gateway (3), Domain-Name-Server (6)",
                "MTU (26), Lease-Time (51), Server-ID (54), RN (58)",
                "Client-ID (61), length 7: ether 02:03:04:05:06:07",
                "Hostname (12), length 2: \"vm\"",
                "MSZ (57), length 2: 1500",
                "Vendor-Class (60), length 8: \"MSFT 5.0\"",
                "END (255), length 0");
        assertSays(
                DhcpBuilder.selecting(VM, XID, VM_IP, SERVER).frame(),
                "DHCP-Message (53), length 1: Request",
                "Requested-IP (50), length 4: 10.0.0.5",
                "Server-ID (54), length 4: 10.0.0.1");
        assertSays(
                DhcpBuilder.renewing(VM, XID, VM_IP, GATEWAY, SERVER).frame(),
                "10.0.0.5.68 > 10.0.0.1.67: [udp sum ok]",
                "Client-IP 10.0.0.5",
                "length 1: Request");
        assertSays(DhcpBuilder.decline(VM, XID, VM_IP, SERVER).frame(), "length 1: Decline");
        assertSays(DhcpBuilder.release(VM, XID, VM_IP, GATEWAY, SERVER).frame(), "length 1: Release");
        assertSays(DhcpBuilder.inform(VM, XID, VM_IP).frame(), "length 1: Inform");
    }

    @Test
    void dhcpv6Messages() throws IOException {
        assertSays(
                Packets.createDhcpv6Solicit(VM, DUID),
                "52:54:00:12:34:01 > 33:33:00:01:00:02",
                "fe80::5054:ff:fe12:3401.546 > ff02::1:2.547: [udp sum ok] dhcp6 solicit (xid=1"
                        + " (client-ID hwaddr type 1 525400123401) (IA_NA IAID:1 T1:0 T2:0))");
        assertSays(
                Packets.createDhcpv6Request(
                        VM, DUID, Packets.generateDuidLl(GATEWAY), Dhcpv6Ia.ofAddresses(1, ip6("2001:db8::5"))),
                "dhcp6 request (xid=1 (client-ID hwaddr type 1 525400123401) (server-ID hwaddr type 1 020000000001)"
                        + " (IA_NA IAID:1 T1:0 T2:0 (IA_ADDR 2001:db8::5 pltime:0 vltime:0)))");
        assertSays(
                Dhcpv6Builder.of(Dhcpv6MessageType.REBIND, VM)
                        .transaction(0xABCDEF)
                        .elapsed(100)
                        .rapidCommit()
                        .optionRequest(23, 24, 56)
                        .iaPd(Dhcpv6Ia.of(2, Dhcpv6Lease.ofPrefix(ip6("2001:db8:8000:100::"), 56)))
                        .frame(),
                "dhcp6 rebind (xid=abcdef (elapsed-time 100) (rapid-commit)"
                        + " (option-request DNS-server DNS-search-list NTP-server)"
                        + " (IA_PD IAID:2 T1:0 T2:0 (IA_PD-prefix 2001:db8:8000:100::/56 pltime:0 vltime:0)))");
    }

    @Test
    void solicitationsAndEchoes() throws IOException {
        assertSays(
                Packets.createRouterSolicitation(VM, VM_IPV6),
                "52:54:00:12:34:01 > 33:33:00:00:00:02",
                "hlim 255",
                "fe80::5054:ff:fe12:3401 > ff02::2: [icmp6 sum ok] ICMP6, router solicitation, length 16",
                "source link-address option (1), length 8 (1): 52:54:00:12:34:01");
        assertSays(
                Packets.createNeighborSolicitation(VM, Packets.UNSPECIFIED, ip6("2001:db8::5")),
                "52:54:00:12:34:01 > 33:33:ff:00:00:05",
                "hlim 255",
                ":: > ff02::1:ff00:5: [icmp6 sum ok] ICMP6, neighbor solicitation, length 24, who has 2001:db8::5");
        assertSays(
                Packets.createIcmpv6EchoRequest(VM, GATEWAY, VM_IPV6, ip6("fe80::1"), 3),
                "52:54:00:12:34:01 > 02:00:00:00:00:01",
                "fe80::5054:ff:fe12:3401 > fe80::1: [icmp6 sum ok] ICMP6, echo request, id 22089, seq 3");
    }

    @Test
    void datagramsFragmentsAndExtensionHeaders() throws IOException {
        assertSays(
                Packets.createUdp(VM, GATEWAY, VM_IP, SERVER, 1000, 2000, new byte[3], 5),
                "ttl 5, id 0, offset 0, flags [DF]",
                "10.0.0.5.1000 > 10.0.0.1.2000: [udp sum ok] UDP, length 3");
        assertSays(
                Packets.createUdp(VM, GATEWAY, VM_IPV6, ip6("fe80::1"), 1000, 2000, new byte[3], 5),
                "hlim 5",
                "fe80::5054:ff:fe12:3401.1000 > fe80::1.2000: [udp sum ok] UDP, length 3");
        assertSays(
                RawPackets.createIpv4(
                        VM, GATEWAY, VM_IP, SERVER, 17, 64, 0x1234, RawPackets.MORE_FRAGMENTS | 185, new byte[16]),
                "id 4660, offset 1480, flags [+]");
        byte[] report = RawPackets.createIcmpv6(VM, GATEWAY, VM_IPV6, ip6("ff02::16"), 1, 143, 0, new byte[4]);
        byte[] routerAlert = Octets.of(0, 0, 5, 2, 0, 0, 1, 0).toBytes();
        assertSays(
                RawPackets.insertExtensionHeader(report, RawPackets.HOP_BY_HOP, routerAlert),
                "HBH (rtalert: 0x0000) (padn) [icmp6 sum ok] ICMP6, multicast listener report v2");
    }

    @Test
    void whatTheParsersTestsRead() throws IOException {
        assertSays(
                NdpParsersTest.routerAdvertisement(NdpParsersTest.ALL_OPTIONS),
                "fe80::1 > fe80::5054:ff:fe12:3401: [icmp6 sum ok] ICMP6, router advertisement",
                "hop limit 64, Flags [managed, other stateful], pref medium, router lifetime 1800s",
                "reachable time 0ms, retrans timer 0ms",
                "source link-address option (1), length 8 (1): 02:00:00:00:00:01",
                "mtu option (5), length 8 (1):  1500",
                "prefix info option (3), length 32 (4): 2001:db8:1:1::/64, Flags [auto],"
                        + " valid time 86400s, pref. time 43200s",
                "rdnss option (25), length 40 (5):  lifetime 600s, addr: 2001:db8::53 addr: fe80::1",
                "dnssl option (31), length 32 (4):  lifetime 900s, domain(s): example.com. lab.");
        assertSays(
                Dhcpv6ParserTest.message(Dhcpv6ParserTest.ALL),
                "dhcp6 reply (xid=abcdef (client-ID hwaddr type 1 525400123401)"
                        + " (server-ID hwaddr type 1 020000000001)"
                        + " (IA_NA IAID:1 T1:43200 T2:69120 (IA_ADDR 2001:db8:1::5 pltime:86400 vltime:172800))"
                        + " (IA_PD IAID:2 T1:43200 T2:69120"
                        + " (IA_PD-prefix 2001:db8:8000:100::/56 pltime:86400 vltime:172800))"
                        + " (IA_NA IAID:3 T1:0 T2:0 (status-code NoAddrsAvail)) (status-code Success)"
                        + " (rapid-commit) (preference 255) (DNS-server 2001:db8::53 fe80::1)"
                        + " (DNS-search-list example.com. lab.)"
                        + " (NTP-server subopt:1 2001:db8::123) (NTP-server subopt:3 ntp.))");
    }

    private void assertSays(byte[] frame, String... parts) throws IOException {
        String text = dump(frame);
        for (String part : parts) {
            assertTrue(text.contains(part), () -> "\"" + part + "\" is not in: " + text);
        }
        assertFalse(text.contains("[|") || text.contains("bad ") || text.contains("invalid"), text);
    }

    /** The frame as tcpdump prints it, from a file of pcap's format with one packet. */
    private String dump(byte[] frame) throws IOException {
        Path file = folder.resolve("frame.pcap");
        int length = frame.length - VIRTIO_NET_HEADER;
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeInt(0xA1B2_C3D4);
            out.writeInt((2 << 16) | 4); // version
            out.writeLong(0);
            out.writeInt(65535);
            out.writeInt(1); // Ethernet
            out.writeLong(0);
            out.writeInt(length);
            out.writeInt(length);
            out.write(frame, VIRTIO_NET_HEADER, length);
        }
        String tcpdump = Host.program("tcpdump", "tcpdump").toString();
        Host.Output output = Host.run(List.of(tcpdump, "-r", file.toString(), "-n", "-t", "-e", "-vvv"));
        assertEquals(0, output.status(), output.text());
        return output.text();
    }
}
