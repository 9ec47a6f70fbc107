package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.LinuxException;
import io.vireo.linux.Netlink;
import io.vireo.linux.NetlinkRoute;
import io.vireo.linux.NetworkNamespace;
import io.vireo.linux.ThreadStatus;
import io.vireo.linux.Tun;
import io.vireo.linux.User;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.host.HostRoute;
import io.vireo.router.host.UplinkKeeper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that was root's and becomes a user's, seen from outside and from inside. */
@Timeout(60)
class DroppedPrivilegesIT {
    private static final String USER = "nobody";
    private static final long CAP_NET_ADMIN = 1 << 12;

    @Test
    void allThreadsBecomeTheUsersAndOneAloneKeepsTheNetwork() throws Exception {
        User nobody = User.find(USER).orElseThrow();
        Process process = start();
        try {
            BufferedReader out = process.inputReader(UTF_8);
            assertEquals("ready", out.readLine());
            assertTrue(statuses(process).stream()
                    .allMatch(status -> field(status, "Uid").startsWith("0\t")));
            order(process);
            assertEquals("dropped", out.readLine());
            assertAllThreadsAre(nobody, process);
            order(process);
            assertEquals("file of root: AccessDeniedException", out.readLine());
            assertEquals("program: IOException", out.readLine());
            assertEquals("route by another thread: EPERM", out.readLine());
            assertEquals("capabilities of a new thread: 0", out.readLine());
            assertEquals("route by the keeper: there", out.readLine());
            assertEquals("device taken away: back", out.readLine());
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** All of a process's threads are a user's, and only that of the uplink keeps a capability. */
    static void assertAllThreadsAre(User user, Process process) throws IOException {
        List<String> statuses = statuses(process);
        assertTrue(statuses.size() > 10, () -> statuses.size() + " threads");
        int keepers = 0;
        for (String status : statuses) {
            String id = Integer.toString(user.id());
            assertEquals(String.join("\t", id, id, id, id), field(status, "Uid"), status);
            String group = Integer.toString(user.group());
            assertEquals(String.join("\t", group, group, group, group), field(status, "Gid"), status);
            boolean keeper = field(status, "Name").equals("uplink");
            keepers += keeper ? 1 : 0;
            long capabilities = keeper ? CAP_NET_ADMIN : 0;
            assertEquals("%016x".formatted(capabilities), field(status, "CapPrm"), status);
            assertEquals("%016x".formatted(capabilities), field(status, "CapEff"), status);
            assertEquals("%016x".formatted(0), field(status, "CapInh"), status);
            assertEquals("%016x".formatted(0), field(status, "CapAmb"), status);
            assertEquals("1", field(status, "NoNewPrivs"), status);
            assertEquals("2", field(status, "Seccomp"), status);
        }
        assertEquals(1, keepers);
    }

    private static Process start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.matches("--(add-|enable-native-access|sun-misc).*"))
                .forEach(command::add);
        command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.add(Dropping.class.getName());
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void order(Process process) throws IOException {
        process.outputWriter().append('\n').flush();
    }

    /** What the kernel says of each of the process's threads. */
    private static List<String> statuses(Process process) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            List<String> statuses = new ArrayList<>();
            for (Path task : tasks.toList()) {
                try {
                    statuses.add(Files.readString(task.resolve("status")));
                } catch (IOException e) {
                    if (Files.exists(task)) {
                        throw e;
                    } // else it has ended meanwhile, as compilers' threads do
                }
            }
            return statuses;
        }
    }

    private static String field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    /** The process: it has a TUN device in a network namespace of its own. */
    static final class Dropping {
        private static final HostRoute FIRST = HostRoute.toGuest(Ipv4Prefix.parse("10.0.0.5/32"), 1500);
        private static final HostRoute SECOND = HostRoute.toGuest(Ipv4Prefix.parse("10.0.0.6/32"), 1500);

        private static final AtomicReference<Set<HostRoute>> WANTED = new AtomicReference<>(Set.of(FIRST));
        private static final AtomicReference<List<Tun>> QUEUES = new AtomicReference<>(List.of());

        private Dropping() {}

        public static void main(String[] arguments) throws Exception {
            NetworkNamespace.enterNew();
            UplinkConfig uplink = UplinkConfig.of("vireo0");
            Process remover = new ProcessBuilder("sh", "-c", "read line; ip link delete vireo0").start();
            try (UplinkKeeper keeper = new UplinkKeeper(uplink, Dropping::make, WANTED::get);
                    Netlink other = Netlink.open()) {
                keeper.start();
                for (int i = 0; i < 5; i++) {
                    Thread.ofPlatform().daemon().start(() -> sleepForever());
                }
                say("ready");
                System.in.read();
                keeper.dropPrivileges(User.find(USER).orElseThrow());
                say("dropped");
                System.in.read();
                tryWhatIsForbidden(other);
                WANTED.set(Set.of(FIRST, SECOND));
                keeper.changed();
                eventually(() -> other.routes(86).size() == 2, "the second route");
                say("route by the keeper: there");
                int before = other.link("vireo0").orElseThrow().index();
                try (Writer order = remover.outputWriter()) {
                    order.append('\n');
                }
                eventually(
                        () -> other.link("vireo0")
                                .filter(link -> link.index() != before && link.up())
                                .isPresent(),
                        "a new device");
                eventually(() -> other.routes(86).size() == 2, "its routes");
                say("device taken away: back");
            }
        }

        private static void make() throws IOException {
            QUEUES.getAndSet(List.of()).forEach(Tun::close);
            QUEUES.set(Tun.open("vireo0", 2));
        }

        private static void tryWhatIsForbidden(Netlink other) throws Exception {
            try {
                Files.readString(Path.of("/etc/shadow"));
            } catch (IOException e) {
                say("file of root: " + e.getClass().getSimpleName());
            }
            try {
                new ProcessBuilder("true").start().waitFor();
            } catch (IOException e) {
                say("program: " + e.getClass().getSimpleName());
            }
            try {
                other.add(NetlinkRoute.unreachable(InetAddress.ofLiteral("10.9.9.9"), 32, 4, 0));
            } catch (LinuxException e) {
                say("route by another thread: " + (e.errno() == 1 ? "EPERM" : e.getMessage()));
            }
            AtomicReference<String> found = new AtomicReference<>("");
            Thread fresh = Thread.ofPlatform().name("fresh").start(() -> found.set(capabilitiesOfFresh()));
            fresh.join();
            say("capabilities of a new thread: " + found.get());
        }

        private static String capabilitiesOfFresh() {
            try {
                return ThreadStatus.all().stream()
                        .filter(thread -> thread.name().equals("fresh"))
                        .map(thread -> Long.toString(thread.permitted() | thread.effective()))
                        .findFirst()
                        .orElse("none found");
            } catch (IOException e) {
                return e.toString();
            }
        }

        private static void say(String line) {
            System.out.println(line);
        }

        private static void sleepForever() {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
