package io.vireo.appliance.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.appliance.check.Finding.State;
import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.FakeHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is lacking where one thing is not as it should be. */
class HostCheckTest {
    private static final String NAT = "nft add table ip vireo && nft 'add chain ip vireo postrouting "
            + "{ type nat hook postrouting priority 100; }' && "
            + "nft add rule ip vireo postrouting ip saddr 10.0.0.0/24 oifname != vireo0 masquerade";
    private static final String UNPRIVILEGED = "CapEff:\t0000000000000000\nSeccomp:\t0";

    @TempDir
    Path folder;

    private final FakeMachine machine = FakeMachine.complete();
    private FakeHost host = FakeHost.PLAIN;
    private String more = "";
    private String network = "uplink: true";
    private String guest = "";

    private List<Finding> find() throws Exception {
        return new HostCheck(ApplianceConfig.read(config(), host), host, machine).find();
    }

    private Path config() throws IOException {
        return Files.writeString(folder.resolve("vireo.yaml"), """
                runtime-dir: %s/run
                state-dir: %s/state
                reactors: 2
                uplink: {tun: vireo0}
                %s
                networks:
                  - {name: a, ipv4: 10.0.0.0/24, ipv6: 2001:db8:1::/48, %s}
                  - {name: b, ipv4: 192.168.0.0/24}
                guests:
                  - {name: a1, network: a, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5, queues: 2%s}
                """.formatted(folder, folder, more, network, guest));
    }

    private void assertNothingLacks() throws Exception {
        assertEquals(
                List.of(),
                find().stream().filter(its -> its.state() != State.OK).toList());
    }

    private void assertFinds(State state, String what, String cure) throws Exception {
        List<Finding> found =
                find().stream().filter(its -> its.state() != State.OK).toList();
        assertEquals(List.of(new Finding(state, what, cure)), found);
    }

    private void assertLacks(String what, String cure) throws Exception {
        assertFinds(State.LACKS, what, cure);
    }

    @Test
    void nothingLacksWhereEverythingIsThere() throws Exception {
        assertNothingLacks();
        assertEquals(11, find().size());
    }

    @Test
    void withoutUplinkNobodyAsksForForwarding() throws Exception {
        machine.without("/proc/sys/net/ipv4/ip_forward").withoutProgram("nft");
        network = "uplink: false";

        assertNothingLacks();
    }

    // ---- directories and user

    @Test
    void directoriesCanBeMade() throws Exception {
        String none = folder.resolve("none/state").toString();
        Path file = Files.writeString(
                folder.resolve("other.yaml"), Files.readString(config()).replace(folder + "/state", none));

        List<Finding> found = new HostCheck(ApplianceConfig.read(file, host), host, machine).find();

        assertTrue(
                found.contains(Finding.lacks(
                        none + " cannot be used: there is no directory " + folder + "/none to make it in",
                        "install -d -m 750 -o 0 " + none)),
                found::toString);
    }

    @Test
    void directoriesAreTheUsers() throws Exception {
        more = "user: vireo";
        Path directory = Files.createDirectory(folder.resolve("run"));
        int owner = (int) Files.getAttribute(directory, "unix:uid");

        assertLacks(
                directory + " cannot be used: " + directory + " belongs to user " + owner
                        + " and must be vireo's: chown vireo " + directory,
                "install -d -m 750 -o vireo " + directory);
    }

    @Test
    void onlyRootCanBecomeAnother() throws Exception {
        more = "user: vireo";
        host = host.withUser(1000);

        assertLacks("only root can become vireo", "sudo ./vireo run ...");
    }

    // ---- sockets of VMMs that listen

    @Test
    void aVmmThatListensMayComeLater() throws Exception {
        guest = ", mode: client, socket: /run/vmm/a1.sock, vsock: {cid: 33, mode: client, socket: /run/vmm/v}";

        assertNothingLacks();
        assertEquals(13, find().size());
    }

    @Test
    void theSocketOfAVmmMayBeConnectedTo() throws Exception {
        more = "user: vireo";
        guest = ", mode: client, socket: /run/vmm/a1.sock";
        machine.withAccess("/run/vmm/a1.sock", 0, 107, 0660);

        assertLacks("/run/vmm/a1.sock may not be connected to by vireo", "usermod -a -G 107 vireo");
        machine.withAccess("/run/vmm/a1.sock", 987, 107, 0600);
        assertNothingLacks();
    }

    // ---- the TPM

    @Test
    void theTpmIsThere() throws Exception {
        more = "tpm: {unix: /run/swtpm.sock}";
        assertLacks(
                "there is no TPM at /run/swtpm.sock; VComLink answers with errors",
                "swtpm socket --tpm2 --tpmstate dir=DIRECTORY --server type=unixio,path=/run/swtpm.sock --flags startup-clear");

        more = "tpm: {device: /dev/tpmrm0}";
        assertLacks(
                "there is no TPM at /dev/tpmrm0; VComLink answers with errors",
                "modprobe tpm_tis || modprobe tpm_crb; or switch it on in the firmware's setup");

        machine.withAccess("/dev/tpmrm0", 0, 107, 0660);
        assertNothingLacks();
    }

    @Test
    void theTpmMayBeOpenedByThisUser() throws Exception {
        more = "tpm: {device: /dev/tpmrm0}";
        host = host.withUser(1000);
        machine.withAccess("/dev/tpmrm0", 0, 107, 0660).with("/dev/tpmrm0", "closed");

        assertLacks(
                "/dev/tpmrm0 may not be opened by this user; VComLink answers with errors",
                "usermod -a -G 107 $(id -nu 1000)");
    }

    @ParameterizedTest
    @CsvSource({
        "987, 1, 0600, true",
        "987, 986, 0060, false", // the owner's own bits count, not its group's
        "0, 986, 0660, true",
        "0, 986, 0640, false",
        "0, 1, 0006, true",
        "0, 1, 0004, false",
        "0, 0, 0660, false"
    })
    void theTpmMayBeOpenedByTheUserThatRootBecomes(int owner, int group, String mode, boolean may) throws Exception {
        more = "user: vireo\ntpm: {device: /dev/tpmrm0}";
        machine.withAccess("/dev/tpmrm0", owner, group, Integer.parseInt(mode, 8));

        String lacks = "/dev/tpmrm0 may not be opened by vireo; VComLink answers with errors";
        List<String> found = find().stream()
                .filter(its -> its.state() != State.OK)
                .map(Finding::what)
                .filter(what -> what.contains("tpm"))
                .toList();
        assertEquals(may ? List.of() : List.of(lacks), found);
    }

    @Test
    void aGroupThatMayIsJoinedAndElseTheTpmIsGivenAway() throws Exception {
        more = "user: vireo\ntpm: {unix: /run/swtpm.sock}";
        machine.withAccess("/run/swtpm.sock", 0, 107, 0770);
        assertLacks(
                "/run/swtpm.sock may not be opened by vireo; VComLink answers with errors", "usermod -a -G 107 vireo");

        machine.withAccess("/run/swtpm.sock", 0, 0, 0770);
        assertLacks(
                "/run/swtpm.sock may not be opened by vireo; VComLink answers with errors",
                "chown vireo /run/swtpm.sock");
    }

    @Test
    void aTpmThatCannotBeExaminedMayBeThere() throws Exception {
        more = "tpm: {unix: /run/swtpm.sock}";
        machine.with("/run/swtpm.sock", "");

        assertFinds(State.UNKNOWN, "whether /run/swtpm.sock may be opened: it cannot be examined", "");
    }

    // ---- resources

    @Test
    void hugePagesAreCountedInBlocks() throws Exception {
        // A block for the guest, one each way between two reactors, one for what waits for the uplink, and two of three
        // pages for what it reads.
        machine.with(
                "/proc/meminfo", "HugePages_Total: 10\nHugePages_Free: 8\nHugePages_Rsvd: 2\nHugepagesize: 2048 kB");

        assertLacks(
                "of the 10 huge pages that are needed, 6 are free; normal ones are slower",
                "sysctl -w vm.nr_hugepages=14");
    }

    @Test
    void aKernelMayHaveNoHugePages() throws Exception {
        machine.without("/proc/meminfo");

        assertLacks("the kernel has no huge pages", "use a kernel with CONFIG_HUGETLBFS");
    }

    @Test
    void filesAreCountedByGuestAndQueue() throws Exception {
        machine.with("/proc/self/limits", "Max open files            100                  4096                 files");

        assertLacks("100 files may be open, and 191 are needed", "ulimit -n 191 (of a systemd unit: LimitNOFILE=191)");
    }

    @Test
    void filesAreCountedByWhatAGuestsVsockCanOpen() throws Exception {
        machine.with("/proc/self/limits", "Max open files            100                  4096                 files");

        guest = ", vsock: {cid: 33}";
        assertLacks("100 files may be open, and 213 are needed", "ulimit -n 213 (of a systemd unit: LimitNOFILE=213)");
        guest = ", vsock: {cid: 33, uds: a.vsock}";
        assertLacks(
                "100 files may be open, and 1237 are needed", "ulimit -n 1237 (of a systemd unit: LimitNOFILE=1237)");
    }

    @Test
    void memoryIsLockedByWhoMayNotLockAnyhow() throws Exception {
        String limits = "Max open files   4096 4096 files\nMax locked memory         65536                65536 bytes";
        machine.with("/proc/self/limits", limits);
        assertNothingLacks();

        machine.with("/proc/self/status", "CapEff:\t0000000000201000\nSeccomp:\t0");
        assertLacks(
                "65536 bytes of memory may be locked, and 8421376 are needed",
                "ulimit -l 8224 (of a systemd unit: LimitMEMLOCK=8421376)");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0000000000005000, false",
        "1, 0000000000205000, false",
        "1, 0000000000005000, true",
        "2, 0000000000205000, true"
    })
    void uringMayBeDisabled(String disabled, String capabilities, boolean lacks) throws Exception {
        machine.with("/proc/sys/kernel/io_uring_disabled", disabled)
                .with("/proc/self/status", "CapEff:\t" + capabilities + "\nSeccomp:\t0");

        if (lacks) {
            assertLacks(
                    "io_uring is disabled; the uplink makes a system call for each packet instead",
                    "sysctl -w kernel.io_uring_disabled=0");
        } else {
            assertNothingLacks();
        }
    }

    @Test
    void aFilterMayForbidUring() throws Exception {
        machine.with("/proc/self/status", "CapEff:\t000001ffffffffff\nSeccomp:\t2");

        assertFinds(
                State.UNKNOWN,
                "a seccomp filter may forbid io_uring; the uplink then makes a system call for each packet",
                "");
    }

    // ---- the interface

    @Test
    void theDeviceIsThere() throws Exception {
        machine.without("/dev/net/tun");

        assertLacks(
                "/dev/net/tun is not there",
                "modprobe tun; test -e /dev/net/tun || { mkdir -p /dev/net && mknod -m 666 /dev/net/tun c 10 200; }");
    }

    @Test
    void theDeviceMayBeOpened() throws Exception {
        machine.with("/dev/net/tun", "closed");

        assertLacks("/dev/net/tun may not be opened by this user", "chmod 666 /dev/net/tun");
    }

    @Test
    void interfacesAreAdministrators() throws Exception {
        machine.with("/proc/self/status", UNPRIVILEGED);

        assertLacks(
                "this user may not make the interface vireo0 and routes to it (CAP_NET_ADMIN)",
                "sudo ./vireo run ..., which with user: in the configuration gives up what it needs no longer");
    }

    @Test
    void anInterfaceMayHaveBeenMadeForTheUser() throws Exception {
        host = host.withUser(1000);
        machine.with("/proc/self/status", UNPRIVILEGED)
                .with("/sys/class/net/vireo0/tun_flags", "0x5901")
                .with("/sys/class/net/vireo0/owner", "1000");

        assertFinds(
                State.UNKNOWN,
                "the interface vireo0 is this user's, but routes to guests need CAP_NET_ADMIN",
                "ip link set vireo0 up && ip route add PREFIX dev vireo0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x5900", "0x5902", "0x4901", "0x1901", "0x5801"})
    void anInterfaceOfAnotherKindIsInTheWay(String flags) throws Exception {
        machine.with("/sys/class/net/vireo0/tun_flags", flags);

        assertLacks(
                "the interface vireo0 is no TUN device with several queues and virtio-net headers",
                "ip link delete vireo0");
    }

    @Test
    void anInterfaceThatIsNoTunIsInTheWay() throws Exception {
        machine.with("/sys/class/net/vireo0/mtu", "1500");

        assertLacks(
                "there is an interface vireo0 that is no TUN device",
                "ip link set vireo0 name another; or give uplink.tun another name");
    }

    // ---- forwarding

    @Test
    void ipv4IsForwarded() throws Exception {
        machine.with("/proc/sys/net/ipv4/ip_forward", "0");

        assertLacks("IPv4 forwarding is off", "sysctl -w net.ipv4.ip_forward=1");
    }

    @Test
    void ipv6IsForwarded() throws Exception {
        machine.with("/proc/sys/net/ipv6/conf/all/forwarding", "0");

        assertLacks("IPv6 forwarding is off", "sysctl -w net.ipv6.conf.all.forwarding=1");
    }

    @Test
    void aHostMayHaveNoIpv6() throws Exception {
        machine.without("/proc/sys/net/ipv6/conf/all/forwarding");

        assertLacks("the host has no IPv6", "start it without ipv6.disable=1 on the kernel's command line");
    }

    @Test
    void aHostThatForwardsStillHearsItsOwnRouter() throws Exception {
        String zeros = "0".repeat(32);
        machine.with(
                        "/proc/net/ipv6_route",
                        "fd" + "0".repeat(30) + " 40 " + zeros + " 00 " + zeros
                                + " 00000100 00000001 00000000 00040001 eth1\n"
                                + zeros + " 00 " + zeros + " 00 fe80" + "0".repeat(27)
                                + "1 00000400 00000002 00000000 00450003     eth0.7\n")
                .with("/proc/sys/net/ipv6/conf/eth0.7/accept_ra", "1");
        assertLacks(
                "IPv6 forwarding is on, and the host's own default route, which a router advertised, ends with it",
                "sysctl -w net.ipv6.conf.eth0/7.accept_ra=2");

        machine.with("/proc/sys/net/ipv6/conf/all/forwarding", "0");
        assertLacks(
                "IPv6 forwarding is off", "sysctl -w net.ipv6.conf.eth0/7.accept_ra=2 net.ipv6.conf.all.forwarding=1");

        machine.with("/proc/sys/net/ipv6/conf/eth0.7/accept_ra", "2");
        assertLacks("IPv6 forwarding is off", "sysctl -w net.ipv6.conf.all.forwarding=1");
    }

    // ---- the firewall

    @Test
    void privateAddressesAreTranslated() throws Exception {
        machine.withProgram("nft", 0, Rulesets.of());

        assertLacks("there is no NAT for 10.0.0.0/24", NAT);
    }

    @Test
    void soIsWhatIsBehindAGuest() throws Exception {
        network = "uplink: true, routes: [{to: 192.168.7.0/24, via: a1}]";

        assertLacks("there is no NAT for 192.168.7.0/24", NAT.replace("10.0.0.0", "192.168.7.0"));
    }

    @Test
    void publicAddressesAreNot() throws Exception {
        machine.withProgram("nft", 0, Rulesets.of());
        Path file = Files.writeString(
                folder.resolve("public.yaml"), Files.readString(config()).replace("10.0.0", "203.0.113"));

        List<Finding> found = new HostCheck(ApplianceConfig.read(file, host), host, machine).find();

        assertTrue(found.contains(Finding.ok("203.0.113.0/24 is public and needs no NAT")), found::toString);
    }

    @Test
    void aRuleAboutAPartIsNoAnswer() throws Exception {
        machine.withProgram(
                "nft",
                0,
                Rulesets.of(
                        Rulesets.nat("a"),
                        Rulesets.rule("a", Rulesets.source("10.0.0.0", 25) + ", {\"masquerade\": null}")));

        assertFinds(State.UNKNOWN, "whether there is NAT for 10.0.0.0/24: some rules are about a part of it", NAT);
    }

    @Test
    void whoMayNotAskTheFirewallCannotTell() throws Exception {
        machine.withProgram("nft", 1, "");

        assertFinds(
                State.UNKNOWN,
                "whether there is NAT for 10.0.0.0/24: nft and iptables-save are not there, or only root may ask them",
                NAT);
    }

    @Test
    void iptablesIsAskedWhereThereIsNoNft() throws Exception {
        machine.withoutProgram("nft").withProgram("iptables-save", 0, "*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n");
        assertLacks(
                "there is no NAT for 10.0.0.0/24",
                "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 ! -o vireo0 -j MASQUERADE");

        machine.withProgram(
                "iptables-save",
                0,
                "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.0.0.0/24 ! -o vireo0 -j MASQUERADE\nCOMMIT\n");
        assertNothingLacks();
    }

    @Test
    void iptablesOfOldCountsBesideNft() throws Exception {
        machine.withProgram("nft", 0, Rulesets.of())
                .withProgram(
                        "iptables-legacy-save", 0, "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\n");

        assertNothingLacks();
    }

    @Test
    void aFirewallThatDropsForwardedPacketsIsInTheWay() throws Exception {
        String drop = Rulesets.forward("ip", "filter", "FORWARD", "drop");
        machine.withProgram("nft", 0, Rulesets.of(Rulesets.nat("postrouting"), Rulesets.MASQUERADE, drop));
        assertLacks(
                "the firewall drops what no rule accepts, and none is about vireo0 (chain FORWARD of table ip filter)",
                "iptables -I FORWARD -i vireo0 -j ACCEPT && iptables -I FORWARD -o vireo0 -j ACCEPT");

        String accept = Rulesets.rule("FORWARD", Rulesets.outBy("==", "vireo0") + ", {\"accept\": null}");
        machine.withProgram("nft", 0, Rulesets.of(Rulesets.nat("postrouting"), Rulesets.MASQUERADE, drop, accept));
        assertNothingLacks();
    }

    @Test
    void chainsOfNftAreCuredByNft() throws Exception {
        String drop = Rulesets.forward("inet", "firewall", "forward", "drop");
        machine.withProgram("nft", 0, Rulesets.of(Rulesets.nat("postrouting"), Rulesets.MASQUERADE, drop));

        assertLacks(
                "the firewall drops what no rule accepts, and none is about vireo0 (chain forward of table inet firewall)",
                "nft insert rule inet firewall forward iifname vireo0 accept && "
                        + "nft insert rule inet firewall forward oifname vireo0 accept");
    }
}
