package io.vireo.harness;

import static io.vireo.harness.HostileSession.header;
import static io.vireo.harness.TestGuest.BUFFER_SIZE;
import static io.vireo.harness.TestGuest.GATEWAY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.NonBlockingSocket;
import io.vireo.router.config.Addressing;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a frontend says over its socket costs its own guest at most: others keep their traffic, the next frontend is served,
 * and nothing of what was brought along stays.
 */
@Timeout(60)
class HostileSessionIT {
    /** The guest that is attacked; two others talk beside it. */
    private static final int VICTIM = 1;

    private static TestRouter router;
    private static TestVsock vsock;
    private static Bystanders others;

    private Map<String, Integer> before;

    /** Which socket is attacked. */
    enum Target {
        NET {
            @Override
            Path socket() {
                return router.socket(VICTIM);
            }

            @Override
            void serve() throws IOException {
                try (TestGuest next = TestGuest.attach(router, VICTIM)) {
                    next.ping(GATEWAY, TestGuest.payload(56, 1));
                }
            }
        },
        VSOCK {
            @Override
            Path socket() {
                return vsock.socket();
            }

            @Override
            void serve() throws IOException {
                try (VsockFrontendDevice next = vsock.attach();
                        VsockSocket client = next.socket(VsockType.STREAM)) {
                    client.connect(VsockAddress.host(TestVsock.ECHO));
                    byte[] one = {42};
                    client.send(one, 0, 1);
                    assertEquals(1, client.recv(one, 0, 1));
                }
            }
        };

        abstract Path socket();

        /** Is a good frontend, who is served only when the one before has been released. */
        abstract void serve() throws IOException;
    }

    /**
     * Open files of the kinds that frontends pass, and mappings of their memory, while a good frontend is attached to each
     * device: so nothing of those before it is left.
     */
    private static Map<String, Integer> held() throws IOException {
        try (TestGuest guest = TestGuest.attach(router, VICTIM);
                VsockFrontendDevice driver = vsock.attach()) {
            guest.ping(GATEWAY, TestGuest.payload(56, 1));
            assertEquals(TestVsock.CID, driver.cid());
            ProcessState state = ProcessState.now();
            Map<String, Integer> held = new TreeMap<>(state.files());
            held.keySet().removeIf(name -> !name.matches("socket:.*|/memfd:.*|anon_inode:.*"));
            held.put("mappings", (int) state.guestMappings());
            return held;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        router = TestRouter.start(Addressing.SUBNET, 3);
        vsock = TestVsock.start();
        others = Bystanders.start(router, 2, 3);
    }

    @AfterAll
    static void stop() throws Exception {
        others.close();
        vsock.close();
        router.close();
    }

    @BeforeEach
    void remember() throws IOException {
        before = held();
    }

    @AfterEach
    void nobodyElseIsHarmedAndNothingStays() throws Exception {
        assertEquals(before, held());
        others.assertUnharmed();
    }

    static Stream<Arguments> attacks() {
        return Stream.of(Target.values())
                .flatMap(target -> SessionAttack.all().map(attack -> Arguments.of(target, attack)));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void whatAFrontendSaysCostsItselfAlone(Target target, SessionAttack attack) throws IOException {
        try (HostileSession hostile = new HostileSession(target.socket())) {
            attack.deed().run(hostile);
            if (attack.ends()) {
                hostile.assertClosed();
            } else {
                hostile.assertAnswered();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFrontendMayLeaveInTheMidstOfAMessage(Target target) throws IOException {
        for (int bytes = 1; bytes < 20; bytes++) {
            try (HostileSession hostile = new HostileSession(target.socket())) {
                byte[] message = new byte[bytes];
                System.arraycopy(header(Request.SET_FEATURES.code(), 1, 8), 0, message, 0, Math.min(bytes, 12));
                hostile.start(0).raw(message, hostile.kick.fd()).leave();
            }
        }
        target.serve();
    }

    @ParameterizedTest
    @EnumSource
    void aHalfSentMessageAndSilenceGiveWayToTheNextFrontend(Target target) throws IOException {
        try (HostileSession hostile = new HostileSession(target.socket())) {
            hostile.raw(new byte[7], hostile.kick.fd());
            target.serve();
            hostile.assertClosed();
        }
    }

    @Test
    void aHalfSentMessageFromARunningGuestStopsNobody() throws Exception {
        try (HostileSession hostile = new HostileSession(Target.NET.socket())) {
            hostile.start(0).start(1).raw(new byte[7]);
            others.assertUnharmed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandConnectionsAtOnceLeaveNothing(Target target) throws Exception {
        List<NonBlockingSocket> connected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            NonBlockingSocket socket = NonBlockingSocket.connect(target.socket());
            if (socket != null) { // there is room for a few who wait
                connected.add(socket);
            }
        }
        others.assertUnharmed();
        assertTrue(connected.size() < 100, () -> connected.size() + " are waiting");
        connected.forEach(NonBlockingSocket::close);
        target.serve();
    }

    @ParameterizedTest
    @EnumSource
    void aThousandConnectionsOneAfterTheOtherLeaveNothingNotEvenLines(Target target) throws Exception {
        try (CapturedLog log = new CapturedLog("io.vireo.vhostuser")) {
            for (int i = 0; i < 1000; i++) {
                try (HostileSession hostile = new HostileSession(target.socket())) {
                    hostile.raw(header(99, 1, 0)).assertClosed();
                }
            }
            assertTrue(log.linesWith("").size() <= 42, () -> log.linesWith("").size() + " lines of 1000 sessions");
        }
    }

    @Test
    void aHundredThousandBuffersAskedForAreOneAtATime() throws IOException {
        int batch = 100;
        try (HostileSession hostile = new HostileSession(Target.NET.socket())) {
            hostile.negotiate();
            for (int i = 0; i < 100_000; i += batch) {
                for (int k = 0; k < batch; k++) {
                    hostile.inflight(Request.GET_INFLIGHT_FD, 0, 0, 3, 256 + (i / batch % 2));
                }
                for (int k = 0; k < batch; k++) {
                    VhostUserMessage answer = hostile.answer();
                    assertEquals(1, answer.fds().size());
                    answer.closeFds();
                }
            }
        }
    }

    @Test
    void buffersAskedForAndNeverTakenHoldUpTheSessionAlone() throws Exception {
        try (HostileSession hostile = new HostileSession(Target.NET.socket())) {
            hostile.negotiate();
            for (int k = 0; k < 150; k++) {
                hostile.inflight(Request.GET_INFLIGHT_FD, 0, 0, 3, 256);
            }
            others.assertUnharmed();
        }
    }

    // ---- in the midst of traffic of its own

    static Stream<VhostUserMessage> resets() {
        return Stream.of(
                VhostUserMessage.of(Request.RESET_OWNER, new byte[0]),
                VhostUserMessage.of(Request.RESET_DEVICE, new byte[0]),
                VhostUserMessage.of(Request.SET_STATUS, Payload.u64(0)),
                VhostUserMessage.of(Request.GET_VRING_BASE, new Payload.VringState(1, 0).write()),
                VhostUserMessage.of(Request.SET_VRING_ENABLE, new Payload.VringState(1, 0).write()));
    }

    static Stream<Arguments> resetsAndFormats() {
        return resets().flatMap(reset -> Stream.of(RingFormat.values()).map(format -> Arguments.of(reset, format)));
    }

    @ParameterizedTest
    @MethodSource("resetsAndFormats")
    void aDeviceCanBeResetInTheMidstOfTraffic(VhostUserMessage reset, RingFormat format) throws IOException {
        for (int round = 0; round < 10; round++) {
            try (TestGuest vm1 = TestGuest.attach(router, VICTIM, format.options(), 64, BUFFER_SIZE)) {
                vm1.device().sendCopies(vm1.echoRequest(GATEWAY, 1, TestGuest.payload(1000, 1)), 200);
                vm1.device().protocol().ask(reset.withFlags(VhostUserMessage.FLAG_NEED_REPLY));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void tablesAreReplacedUnderLoadAndNoFrameIsLost(RingFormat format) throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, VICTIM, format.options(), 64, BUFFER_SIZE)) {
            VhostUserFrontend protocol = vm1.device().protocol();
            for (int round = 0; round < 50; round++) {
                vm1.device().sendCopies(vm1.echoRequest(GATEWAY, round, TestGuest.payload(500, round)), 20);
                protocol.setMemTable(
                        vm1.device().memoryTable(), List.of(vm1.device().memoryFile()));
                for (int i = 0; i < 20; i++) {
                    vm1.expectEcho(GATEWAY, round, TestGuest.payload(500, round));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void regionsComeAndGoUnderLoadAndNoFrameIsLost(RingFormat format) throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, VICTIM, format.options(), 64, BUFFER_SIZE);
                SharedMemory more = SharedMemory.allocate("guest", 4096, false)) {
            MemoryRegion region = new MemoryRegion(1L << 40, 4096, 1L << 45, 0);
            VhostUserFrontend protocol = vm1.device().protocol();
            for (int round = 0; round < 50; round++) {
                vm1.device().sendCopies(vm1.echoRequest(GATEWAY, round, TestGuest.payload(500, round)), 20);
                protocol.addMemoryRegion(region, more.fd());
                protocol.removeMemoryRegion(region);
                for (int i = 0; i < 20; i++) {
                    vm1.expectEcho(GATEWAY, round, TestGuest.payload(500, round));
                }
            }
        }
    }

    /** As QEMU does when a region grows. */
    @ParameterizedTest
    @EnumSource
    void theMemoryOfRunningRingsGoesAndComesBack(RingFormat format) throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, VICTIM, format.options(), 64, BUFFER_SIZE)) {
            VhostUserFrontend protocol = vm1.device().protocol();
            MemoryRegion all = vm1.device().memoryTable().getFirst();
            for (int round = 0; round < 50; round++) {
                protocol.removeMemoryRegion(all);
                vm1.device().sendCopies(vm1.echoRequest(GATEWAY, round, TestGuest.payload(500, round)), 20);
                protocol.addMemoryRegion(all, vm1.device().memoryFile());
                for (int i = 0; i < 20; i++) {
                    vm1.expectEcho(GATEWAY, round, TestGuest.payload(500, round));
                }
            }
        }
    }
}
