package io.vireo.appliance.check;

import io.vireo.router.config.UplinkConfig;
import java.util.ArrayList;
import java.util.List;

/** Whether the uplink's interface can be made, or is there and can be used. */
final class TunCheck {
    private static final String DEVICE = "/dev/net/tun";

    /** Flags of a TUN device as /sys shows them (linux/if_tun.h). */
    private static final int IFF_TUN = 0x1;

    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int WANTED = IFF_TUN | IFF_MULTI_QUEUE | IFF_NO_PI | IFF_VNET_HDR;

    private final Machine machine;
    private final ProcessStatus process;
    private final UplinkConfig uplink;
    private final int userId;

    TunCheck(Machine machine, UplinkConfig uplink, int userId) {
        this.machine = machine;
        this.process = new ProcessStatus(machine);
        this.uplink = uplink;
        this.userId = userId;
    }

    List<Finding> find() {
        List<Finding> findings = new ArrayList<>();
        findings.add(device());
        boolean isThere = machine.exists(interfaceFile(""));
        if (isThere) {
            findings.add(existing());
        }
        findings.add(permission(isThere));
        return findings;
    }

    private Finding device() {
        if (!machine.exists(DEVICE)) {
            return Finding.lacks(
                    DEVICE + " is not there",
                    "modprobe tun; test -e %s || { mkdir -p /dev/net && mknod -m 666 %s c 10 200; }"
                            .formatted(DEVICE, DEVICE));
        }
        if (!machine.mayReadAndWrite(DEVICE)) {
            return Finding.lacks(DEVICE + " may not be opened by this user", "chmod 666 " + DEVICE);
        }
        return Finding.ok(DEVICE + " may be opened");
    }

    private Finding existing() {
        String name = uplink.tun();
        String flags = machine.read(interfaceFile("/tun_flags")).orElse("");
        if (!flags.matches("0x[0-9a-f]{1,8}")) {
            return Finding.lacks(
                    "there is an interface " + name + " that is no TUN device",
                    "ip link set " + name + " name another; or give uplink.tun another name");
        }
        if ((Integer.decode(flags) & (WANTED | 0xf)) != WANTED) {
            return Finding.lacks(
                    "the interface " + name + " is no TUN device with several queues and virtio-net headers",
                    "ip link delete " + name);
        }
        return Finding.ok("the interface " + name + " is there");
    }

    /** Routes need CAP_NET_ADMIN in any case, but an administrator may have made device and routes beforehand. */
    private Finding permission(boolean isThere) {
        String name = uplink.tun();
        if (process.has(ProcessStatus.CAP_NET_ADMIN)) {
            return Finding.ok("interfaces and routes may be made");
        }
        if (isThere && machine.read(interfaceFile("/owner")).orElse("").equals(String.valueOf(userId))) {
            return Finding.unknown(
                    "the interface " + name + " is this user's, but routes to guests need CAP_NET_ADMIN",
                    "ip link set " + name + " up && ip route add PREFIX dev " + name);
        }
        return Finding.lacks(
                "this user may not make the interface " + name + " and routes to it (CAP_NET_ADMIN)",
                "sudo ./vireo run ..., which with user: in the configuration gives up what it needs no longer");
    }

    private String interfaceFile(String file) {
        return "/sys/class/net/" + uplink.tun() + file;
    }
}
