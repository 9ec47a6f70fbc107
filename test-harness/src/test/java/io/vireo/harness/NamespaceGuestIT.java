package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.router.config.Addressing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests made of the host's own kernel. */
@Timeout(60)
class NamespaceGuestIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String STATIC = "ip address add %s/24 dev eth0 && ip link set eth0 up";

    @Test
    void twoGuestsPingEachOtherWithPacketsOfAllSizes() throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                NamespaceGuest vm1 = NamespaceGuest.boot("vm1", router.socket(1));
                NamespaceGuest vm2 = NamespaceGuest.boot("vm2", router.socket(2))) {
            vm1.run(STATIC.formatted("10.0.0.5"), SOON);
            vm2.run(STATIC.formatted("10.0.0.6"), SOON);
            for (int payload : new int[] {0, 56, 1472}) {
                String output = vm1.run("busybox ping -c 3 -W 10 -s " + payload + " 10.0.0.6", SOON);
                assertTrue(output.contains("3 packets transmitted, 3 packets received"), output);
            }
        }
    }

    @Test
    void aGuestsCardIsTheDevicesAndTheHostsFilesStayAsTheyAre() throws Exception {
        Path mark = Path.of("/etc/vireo-mark");
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                NamespaceGuest vm1 = NamespaceGuest.boot("vm1", router.socket(1))) {
            assertEquals(
                    "lo eth0",
                    vm1.run("echo $(ls /sys/class/net | sort -r)", SOON).strip());
            assertEquals(
                    router.mac(1),
                    vm1.run("cat /sys/class/net/eth0/address", SOON).strip());
            vm1.run("echo 1 > " + mark, SOON);
            assertFalse(Files.exists(mark));
        }
    }

    @Test
    void nothingOfAGuestOutlivesIt() throws Exception {
        String namespace;
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                NamespaceGuest vm1 = NamespaceGuest.boot("vm1", router.socket(1))) {
            vm1.run("setsid sleep 1000 >/dev/null 2>&1 &", SOON);
            namespace = vm1.run("readlink /proc/self/ns/net", SOON).strip();
            assertTrue(processesIn(namespace) >= 2, namespace);
        }
        assertEquals(0, processesIn(namespace));
    }

    private static long processesIn(String namespace) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        Path link = Path.of("/proc/" + process.pid() + "/ns/net");
                        return Files.readSymbolicLink(link).toString().equals(namespace);
                    } catch (IOException e) {
                        return false; // it has ended meanwhile
                    }
                })
                .count();
    }
}
