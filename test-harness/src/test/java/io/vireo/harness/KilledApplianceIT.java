package io.vireo.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.DhcpBuilder;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.router.Router;
import io.vireo.router.SocketPolicy;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that serves guests and is killed while they lease, again and again. What a guest has been told lies in its own
 * memory, whatever becomes of the process.
 */
@Timeout(600)
class KilledApplianceIT {
    private static final int KILLS = 100;
    private static final int GUESTS = 6;
    /** Fewer than guests, so that addresses pass from one to another. */
    private static final int ADDRESSES = 5;

    private static final int AHEAD = 2;
    private static final int RAPID_COMMIT = 80;
    private static final int BUFFERS = 8;
    private static final long LONGEST_WAIT_NS = 300_000_000;
    private static final long TIMEOUT_MS = 20_000;
    private static final Inet4Address SERVER = Packets.ip("10.0.0.1");

    @TempDir
    Path folder;

    /** Its start is what takes long, so that the next ones are under way already. */
    private final Deque<Process> prepared = new ArrayDeque<>();

    private final Random random = new Random(4);
    private final List<VhostUserFrontendDevice> guests = new ArrayList<>();

    /** Who was told that it has an address, and has not begun to give it up. */
    private final Map<Inet4Address, Integer> holders = new HashMap<>();

    private int acknowledged;
    private int transaction;

    @BeforeEach
    void prepare() throws Exception {
        Process training = start("-XX:AOTCacheOutput=" + folder.resolve("classes.aot"));
        training.outputWriter().append('\n').close(); // it serves, ends, and leaves the cache
        assertEquals(0, training.waitFor());
        for (int i = 0; i < AHEAD; i++) {
            prepared.add(start("-XX:AOTCache=" + folder.resolve("classes.aot")));
        }
    }

    @AfterEach
    void end() {
        prepared.forEach(Process::destroyForcibly);
        guests.forEach(VhostUserFrontendDevice::close);
    }

    @Test
    void noAcknowledgedLeaseIsLostAndNoneIsGivenTwice() throws Exception {
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = next();
            try {
                for (int guest = 0; guest < GUESTS; guest++) {
                    guests.add(attach(guest));
                }
                allHoldersStillHaveTheirs();
                leaseAndRelease();
                await(random.nextInt(3));
                LockSupport.parkNanos(random.nextInt(2_000_000)); // anywhere in the midst of it
            } finally {
                process.toHandle().destroyForcibly(); // SIGKILL
                assertTrue(process.waitFor(TIMEOUT_MS, TimeUnit.MILLISECONDS), "still running");
            }
            assertEquals(128 + 9, process.exitValue());
            for (int guest = 0; guest < GUESTS; guest++) {
                takeNote(guest);
                guests.get(guest).close();
            }
            guests.clear();
        }
        assertTrue(acknowledged > KILLS, acknowledged + " leases were acknowledged");
    }

    /** A process whose sockets listen. */
    private Process next() throws IOException {
        prepared.add(start("-XX:AOTCache=" + folder.resolve("classes.aot")));
        Process process = prepared.removeFirst();
        process.outputWriter().append('\n').flush();
        BufferedReader out = process.inputReader(UTF_8); // not closed, as the process goes on
        assertEquals("ready", Objects.requireNonNullElse(out.readLine(), "nothing"));
        return process;
    }

    private VhostUserFrontendDevice attach(int guest) throws IOException {
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(Served.socket(folder, guest));
        device.setup();
        for (int i = 0; i < BUFFERS; i++) {
            device.provideRxBuffer(TestGuest.BUFFER_SIZE);
        }
        return device;
    }

    private void allHoldersStillHaveTheirs() throws IOException {
        Map<Inet4Address, Integer> before = Map.copyOf(holders);
        for (Map.Entry<Inet4Address, Integer> held : before.entrySet()) {
            int guest = held.getValue();
            send(guest, DhcpBuilder.rebinding(mac(guest), ++transaction, held.getKey()));
        }
        for (Map.Entry<Inet4Address, Integer> held : before.entrySet()) {
            DhcpResponse response = Packets.parseDhcpResponse(
                            guests.get(held.getValue()).receive(TIMEOUT_MS))
                    .orElseThrow();
            assertEquals(DhcpMessageType.ACK, response.msgType(), () -> "guest " + held + " has lost its lease");
            assertEquals(held.getKey(), response.yourIp());
        }
    }

    /** Who has an address may give it up, who has none asks for one; nobody waits for an answer. */
    private void leaseAndRelease() throws IOException {
        for (int guest = 0; guest < GUESTS; guest++) {
            Optional<Inet4Address> held = heldBy(guest);
            if (held.isEmpty()) {
                send(
                        guest,
                        DhcpBuilder.discover(mac(guest), ++transaction).option(RAPID_COMMIT, Octets.of(new byte[0])));
            } else if (random.nextBoolean()) {
                holders.remove(held.get());
                send(guest, DhcpBuilder.release(mac(guest), ++transaction, held.get(), Packets.GATEWAY_MAC, SERVER));
            }
        }
    }

    /** Waits for some acknowledgements, though not all may come: there are not enough addresses. */
    private void await(int count) {
        int enough = acknowledged + count;
        long deadlineNs = System.nanoTime() + LONGEST_WAIT_NS;
        while (acknowledged < enough && System.nanoTime() < deadlineNs) {
            for (int guest = 0; guest < GUESTS; guest++) {
                takeNote(guest);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private Optional<Inet4Address> heldBy(int guest) {
        return holders.entrySet().stream()
                .filter(entry -> entry.getValue() == guest)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Of what has reached the guest. */
    private void takeNote(int guest) {
        for (Optional<byte[]> frame = guests.get(guest).recvPacket();
                frame.isPresent();
                frame = guests.get(guest).recvPacket()) {
            Packets.parseDhcpResponse(frame.get())
                    .filter(response -> response.msgType() == DhcpMessageType.ACK)
                    .ifPresent(ack -> {
                        Integer other = holders.put(ack.yourIp(), guest);
                        assertNull(other, () -> ack.yourIp() + " was given to guest " + guest + " as well");
                        acknowledged++;
                    });
        }
    }

    private void send(int guest, DhcpBuilder message) throws IOException {
        guests.get(guest).sendPacket(message.frame());
    }

    private static Mac mac(int guest) {
        return Packets.mac(Served.mac(guest).toString());
    }

    /** @param cache of its classes, without which its start takes twice as long */
    private Process start(String cache) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.matches("--(add-|enable-native-access|sun-misc).*"))
                .forEach(command::add);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", cache, "-cp", classPath()));
        command.addAll(List.of(Served.class.getName(), folder.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /**
     * The process's class is in a file of its own, as the cache is not for folders; and there is no log, the start of which
     * takes longer than all else.
     */
    private String classPath() throws IOException {
        Path jar = folder.resolve("served.jar");
        String name = Served.class.getName().replace('.', '/') + ".class";
        if (!Files.exists(jar)) {
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                    InputStream in = Served.class.getResourceAsStream("/" + name)) {
                out.putNextEntry(new JarEntry(name));
                Objects.requireNonNull(in).transferTo(out);
            }
        }
        Path here = Path.of(
                Served.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        return Stream.concat(
                        Stream.of(jar.toString()),
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .filter(entry -> !entry.contains("logback")
                                        && !Path.of(entry).equals(here)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * The process. It gets ready with a router that nobody uses, and starts the real one when it reads a byte; it ends with the
     * one that started it.
     */
    static final class Served {
        private Served() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            Path unused = folder.resolve(ProcessHandle.current().pid() + ".sock");
            Router.start(config(Optional.empty(), List.of(VhostConfig.of(unused, mac(0)))), SocketPolicy.DEFAULT)
                    .shutdown();
            if (System.in.read() >= 0) {
                List<VhostConfig> guests = IntStream.range(0, GUESTS)
                        .mapToObj(guest -> VhostConfig.of(socket(folder, guest), mac(guest)))
                        .toList();
                Router.start(config(Optional.of(folder.resolve("leases.journal")), guests), SocketPolicy.DEFAULT);
                System.out.println("ready");
                System.in.read();
            }
        }

        private static RouterConfig config(Optional<Path> journal, List<VhostConfig> guests) {
            NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                    .withPool(new Ipv4Range(
                            Ipv4Address.parse("10.0.0.100"), Ipv4Address.parse("10.0.0." + (99 + ADDRESSES))));
            return new RouterConfig(1, IdlePolicy.DEFAULT, journal, Optional.empty(), List.of(network), guests);
        }

        static Path socket(Path folder, int guest) {
            return folder.resolve("vm" + guest + ".sock");
        }

        static MacAddress mac(int guest) {
            return new MacAddress(0x5254_0012_3401L + guest);
        }
    }
}
