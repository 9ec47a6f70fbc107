package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.GuestResult;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.HybridHost;
import io.vireo.harness.guests.QemuGuest;
import io.vireo.harness.guests.Swtpm;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.harness.guests.VsockLoad;
import io.vireo.harness.guests.VsockLoad.Transfer;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real kernels' vsock drivers and the product: services, and programs of the host behind hybrid sockets. */
@Timeout(180)
class VsockGuestsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ENDORSEMENT_KEY = 0x8100_0001;
    private static final long GIBIBYTE = 1L << 30;
    private static final long MEBIBYTES = 16 << 20;
    private static final int STREAMS = 20;
    private static final int ROUNDS = 3;
    private static final double WANTED_GBIT = 0.5;
    private static final int IN_TURN = 10_000;
    private static final int AT_ONCE = 500;
    private static final int PORT = 5001;
    private static final int OTHER_PORT = 5002;
    private static final int GUEST_PORT = 7000;
    /** What Linux lets a pipe hold (pipe(7)). */
    private static final int PIPE = 65_536;

    @TempDir
    Path folder;

    enum Launcher {
        USER_MODE_LINUX {
            @Override
            Guest start(GuestConfig config) throws IOException {
                return UserModeLinux.start(config);
            }
        },
        QEMU {
            @Override
            Guest start(GuestConfig config) throws IOException {
                return QemuGuest.start(config);
            }
        };

        abstract Guest start(GuestConfig config) throws IOException;
    }

    /** The commands are those of VComLink's documentation, as they stand there. */
    @ParameterizedTest
    @EnumSource
    void aGuestAsksForTheEndorsementKeyThatTheTpmHas(Launcher launcher) throws Exception {
        try (Swtpm tpm = Swtpm.start(Files.createDirectory(folder.resolve("tpm")))) {
            tpm.run("tpm2_createek", "-G", "rsa", "-c", "0x%08x".formatted(ENDORSEMENT_KEY), "-u", folder + "/ek");
            String key = Base64.getEncoder().encodeToString(tpm.publicArea(ENDORSEMENT_KEY));
            String services = """
                    tpm: {unix: %s}
                    services:
                      vcomlink: {port: 2000}
                    """.formatted(tpm.socket());
            try (VsockAppliance host = VsockAppliance.start(folder, 1, services);
                    Guest vm1 = launcher.start(host.guest(1).withSocat())) {
                // socat waits for half a second, in which a busy machine has not even loaded the classes
                vm1.run("echo -n '{\"channel\":2,\"request\":1}' | socat -t 20 - VSOCK-CONNECT:2:2000", SOON);
                assertEquals(
                        "{\"channel\":2,\"ek\":\"" + key + "\"}",
                        vm1.run("echo -n '{\"channel\":2,\"request\":1}' | socat - VSOCK-CONNECT:2:2000", SOON),
                        host::log);
                assertEquals(
                        "{\"channel\":1,\"error\":\"received malformed packet\"}",
                        vm1.run("echo '{\"channel\":-1,\"request\":-1}' | socat - VSOCK-CONNECT:2:2000", SOON),
                        host::log);
            }
        }
    }

    @Test
    void aGibibyteEachWayArrivesAsItWasSent() throws Exception {
        try (VsockAppliance host = VsockAppliance.start(folder, 1, "");
                HybridHost programs = host.programs(1);
                Guest vm1 = bootWithLoad(host)) {
            CompletableFuture<Transfer> received = new CompletableFuture<>();
            programs.serve(PORT, guest -> received.complete(HybridHost.receive(guest, GIBIBYTE)));
            Transfer sent = VsockLoad.transfer(vm1, "send 2 %d %d".formatted(PORT, GIBIBYTE), LONG);
            assertEquals(sent.crc(), received.get(1, TimeUnit.SECONDS).crc());

            startLoad(vm1, "receive - %d %d".formatted(GUEST_PORT, GIBIBYTE));
            Transfer back;
            try (SocketChannel guest = connectWhenItListens(programs)) {
                back = HybridHost.send(guest, GIBIBYTE);
            }
            String report = endOfLoad(vm1);
            assertTrue(report.startsWith("bytes %d crc %08x ".formatted(GIBIBYTE, back.crc())), report);

            System.out.println("1 GiB between a user-mode Linux guest and a hybrid socket: %.2f Gbit/s out, %.2f in"
                    .formatted(sent.gbit(), back.gbit()));
            assertTrue(sent.gbit() > WANTED_GBIT && back.gbit() > WANTED_GBIT, sent + ", " + back);
        }
    }

    @Test
    void tenThousandConnectionsInTurnAndFiveHundredAtOnceLeaveNothingBehind() throws Exception {
        try (VsockAppliance host = VsockAppliance.start(folder, 1, "");
                HybridHost programs = host.programs(1);
                Guest vm1 = bootWithLoad(host)) {
            programs.serve(PORT, HybridHost::echo);
            VsockLoad.connections(vm1, "turn 2 %d 1".formatted(PORT), SOON);
            long descriptors = host.descriptors();

            long inTurnNs = VsockLoad.connections(vm1, "turn 2 %d %d".formatted(PORT, IN_TURN), LONG);
            long atOnceNs = VsockLoad.connections(vm1, "once 2 %d %d".formatted(PORT, AT_ONCE), LONG);
            System.out.println(
                    "connections of a user-mode Linux guest to a hybrid socket: %.0f/s in turn, %d at once in %d ms"
                            .formatted(IN_TURN * 1e9 / inTurnNs, AT_ONCE, TimeUnit.NANOSECONDS.toMillis(atOnceNs)));
            eventually(() -> host.descriptors() <= descriptors, descriptors + " descriptors, as before,");
        }
    }

    /**
     * Linux tells a sender of an established connection that was reset EPIPE, and a reader the end of the stream
     * (net/vmw_vsock/virtio_transport_common.c, virtio_transport_do_close); ECONNRESET is for who is connecting.
     */
    @Test
    void aKilledProgramOfTheHostEndsItsConnectionAtOnce() throws Exception {
        try (VsockAppliance host = VsockAppliance.start(folder, 1, "");
                Guest vm1 = bootWithLoad(host)) {
            Path socket = Path.of(host.uds(1) + "_" + PORT);
            Process program = new ProcessBuilder(
                            Host.program("socat", "socat").toString(), "-u", "UNIX-LISTEN:" + socket, "STDOUT")
                    .start(); // whose output nobody reads
            try {
                eventually(() -> Files.exists(socket), "the program's socket");
                startLoad(vm1, "send 2 %d %d".formatted(PORT, GIBIBYTE));
                eventually(() -> program.getInputStream().available() >= PIPE, "a program that reads no more");
            } finally {
                program.toHandle().destroyForcibly(); // SIGKILL
                program.onExit().join();
            }
            assertEquals("write: EPIPE\n", endOfLoad(vm1), host::log);
            GuestResult next = vm1.exec("vsock-load turn 2 %d 1".formatted(PORT), SOON);
            assertEquals(new GuestResult(1, "connect: ECONNRESET\n"), next, host::log);
        }
    }

    /** What it does not read stays in the guest, whose other connections go on. */
    @Test
    void aProgramThatDoesNotReadHoldsUpItsOwnConnectionAlone() throws Exception {
        try (VsockAppliance host = VsockAppliance.start(folder, 1, "");
                HybridHost programs = host.programs(1);
                Guest vm1 = bootWithLoad(host)) {
            CountDownLatch read = new CountDownLatch(1);
            CompletableFuture<Transfer> late = new CompletableFuture<>();
            programs.serve(PORT, guest -> {
                awaitUnchecked(read);
                late.complete(HybridHost.receive(guest, MEBIBYTES));
            });
            programs.serve(OTHER_PORT, guest -> HybridHost.receive(guest, MEBIBYTES));
            startLoad(vm1, "send 2 %d %d".formatted(PORT, MEBIBYTES));
            for (int i = 0; i < 3; i++) {
                VsockLoad.transfer(vm1, "send 2 %d %d".formatted(OTHER_PORT, MEBIBYTES), SOON);
            }
            assertEquals("running\n", vm1.run("[ -e /tmp/load-ended ] || echo running", SOON));
            read.countDown();
            String sent = endOfLoad(vm1);
            int crc = late.get(1, TimeUnit.SECONDS).crc();
            assertTrue(sent.startsWith("bytes %d crc %08x ".formatted(MEBIBYTES, crc)), sent);
        }
    }

    @Test
    void aGuestThatIsKilledInTheMidstOfStreamsComesBackAndLeavesNothingBehind() throws Exception {
        try (VsockAppliance host = VsockAppliance.start(folder, 1, "");
                HybridHost programs = host.programs(1)) {
            AtomicInteger streams = new AtomicInteger();
            programs.serve(PORT, guest -> {
                streams.incrementAndGet();
                HybridHost.receive(guest, GIBIBYTE);
            });
            programs.serve(OTHER_PORT, guest -> HybridHost.receive(guest, MEBIBYTES));
            long descriptors = host.descriptors();
            for (int round = 0; round < ROUNDS; round++) {
                streams.set(0);
                try (Guest vm1 = bootWithLoad(host)) {
                    VsockLoad.transfer(vm1, "send 2 %d %d".formatted(OTHER_PORT, MEBIBYTES), SOON);
                    String load = "vsock-load send 2 %d %d".formatted(PORT, GIBIBYTE);
                    vm1.run("for i in $(seq %d); do %s >/dev/null & done".formatted(STREAMS, load), SOON);
                    eventually(() -> streams.get() == STREAMS, STREAMS + " streams");
                    vm1.kill();
                }
                eventually(() -> host.descriptors() <= descriptors, descriptors + " descriptors, as before,");
            }
        }
    }

    /** vm1 and vm2 are of one group, vm3 is of none. */
    @Test
    void guestsReachEachOtherWithinTheirGroupAlone() throws Exception {
        try (VsockAppliance host = VsockAppliance.start(folder, 3, "");
                HybridHost programsOfVm3 = host.programs(3);
                Guest vm1 = bootWithLoad(host);
                Guest vm2 = UserModeLinux.start(host.guest(2).withSocat());
                Guest vm3 = UserModeLinux.start(host.guest(3).withSocat())) {
            for (Guest listener : List.of(vm2, vm3)) {
                listener.run("socat VSOCK-LISTEN:%d,fork EXEC:cat >/dev/null 2>&1 &".formatted(GUEST_PORT), SOON);
            }
            connectWhenItListens(programsOfVm3).close(); // the host reaches it
            String turn = "vsock-load turn %d " + GUEST_PORT + " 1";
            GuestResult outside = vm1.exec(turn.formatted(VsockAppliance.cid(3)), SOON);
            assertEquals(new GuestResult(1, "connect: ECONNRESET\n"), outside, host::log);
            vm1.run("until %s; do usleep 50000; done".formatted(turn.formatted(VsockAppliance.cid(2))), SOON);
        }
    }

    private Guest bootWithLoad(VsockAppliance host) throws IOException {
        Path load = folder.resolve(VsockLoad.NAME);
        if (!Files.exists(load)) {
            VsockLoad.compile(folder);
        }
        return UserModeLinux.start(host.guest(1).withProgram(load.toString(), "gcc"));
    }

    private static void startLoad(Guest guest, String arguments) throws IOException {
        guest.run("(%s %s >/tmp/load 2>&1; touch /tmp/load-ended) &".formatted(VsockLoad.NAME, arguments), SOON);
    }

    /** What the load printed, which is about to end. */
    private static String endOfLoad(Guest guest) throws IOException {
        return guest.run("until [ -e /tmp/load-ended ]; do usleep 10000; done; cat /tmp/load", SOON);
    }

    private static SocketChannel connectWhenItListens(HybridHost programs) throws Exception {
        SocketChannel[] connected = new SocketChannel[1];
        eventually(
                () -> {
                    try {
                        connected[0] = programs.connect(GUEST_PORT);
                        return true;
                    } catch (IOException e) {
                        return false; // not yet
                    }
                },
                "a guest that listens");
        return connected[0];
    }

    private static void awaitUnchecked(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
