package io.vireo.harness;

import static io.vireo.harness.TestGuest.BUFFER_SIZE;
import static io.vireo.harness.TestGuest.GATEWAY;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.linux.Memory;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.vhostuser.backend.GuestLog;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Frontends that come and go as they like, and what stays of them: nothing. */
@Timeout(60)
class FrontendLifeIT {
    private static final int UNKNOWN_REQUEST = 99;
    private static final int CYCLES = 50;
    private static final int WARM_UP_CYCLES = 5;

    /** Until all of the router's code that touches guests' memory is compiled, in each of its forms. */
    private static final int LIVES = 200;

    private static final int ROUNDS = 40;
    /** How much of a guest's memory its rings take, at the beginning, and few of its buffers. */
    private static final long RINGS_ALONE = 65_536;

    private TestRouter router;

    @BeforeEach
    void start() throws IOException {
        router = TestRouter.start(Addressing.SUBNET, 3);
    }

    @AfterEach
    void stop() throws IOException {
        router.close();
    }

    @ParameterizedTest
    @EnumSource(HalfwayFrontend.Step.class)
    void aFrontendThatLeavesHalfwayCanComeBack(HalfwayFrontend.Step last) throws IOException {
        for (int round = 0; round < 3; round++) {
            HalfwayFrontend.advance(router.socket(1), last).close();
            assertWorks(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFrontendThatLeavesInTrafficCanComeBack(RingFormat format) throws IOException {
        try (TestGuest vm2 = TestGuest.attach(router, 2)) {
            for (int round = 0; round < 20; round++) {
                TestGuest vm1 = TestGuest.attach(router, 1, format.options(), 64, BUFFER_SIZE);
                try (vm1) {
                    vm1.device().sendCopies(vm1.echoRequest(GATEWAY, 1, TestGuest.payload(1000, 1)), 250);
                    vm2.device().sendCopies(vm2.datagramTo(vm1, TestGuest.payload(1000, 2)), 250);
                    vm1.receive();
                }
                vm2.flush();
                assertWorks(1);
            }
            vm2.ping(GATEWAY, TestGuest.payload(56, 1));
        }
    }

    @Test
    void whatAFrontendBroughtIsReleasedWhenItLeaves() throws IOException {
        ProcessState before = null;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            // that it can attach shows that the session before has ended
            try (TestGuest vm1 = TestGuest.attach(router, 1, FrontendOptions.DEFAULT.withRegions(8), 16, BUFFER_SIZE)) {
                vm1.lease();
                vm1.ping(GATEWAY, TestGuest.payload(1000, cycle));
                if (cycle == WARM_UP_CYCLES) {
                    before = ProcessState.now();
                }
                if (cycle == CYCLES - 1) {
                    assertEquals(before, ProcessState.now());
                }
            }
        }
    }

    /** What a guest is doing when its VMM takes its memory away. */
    enum Doing {
        NOTHING,
        SENDING,
        RECEIVING
    }

    static Stream<Arguments> doingsAndFormats() {
        return Stream.of(Doing.values())
                .flatMap(doing -> Stream.of(RingFormat.values()).map(format -> Arguments.of(doing, format)));
    }

    @ParameterizedTest
    @MethodSource("doingsAndFormats")
    void aGuestThatLosesItsMemoryCostsOnlyItself(Doing doing, RingFormat format) throws IOException {
        try (CapturedLog log = new CapturedLog(GuestLog.class);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            for (int life = 0; life < LIVES; life++) {
                TestGuest vm3 = TestGuest.attach(router, 3, format.options(), 256, BUFFER_SIZE);
                try (vm3) {
                    vm3.lease();
                    exchange(vm1, vm2, vm3, doing);
                    if (doing == Doing.SENDING) {
                        vm3.device().sendCopies(vm3.echoRequest(GATEWAY, 1, TestGuest.payload(1000, 1)), 200);
                    }
                    // from here on nobody touches what is gone, but the router
                    // (a file of huge pages cannot be cut between the rings and the buffers)
                    boolean all = life % 2 == 0 || vm3.device().usesHugePages();
                    Memory.truncate(vm3.device().memoryFile(), all ? 0 : RINGS_ALONE);
                    exchange(vm1, vm2, vm3, doing);
                    assertStopped(vm1, vm2, vm3);
                }
            }
            assertWorks(3); // by then the address service, which logs, has had its turn
            int lines = log.linesWith("memory file was truncated").size();
            assertTrue(lines >= GuestLog.LINES_PER_MINUTE && lines < LIVES, lines + " lines: some, and not each");
            assertEquals(List.of(), log.linesWith("failure of our own"));
        }
    }

    /** Two guests send each other frames, none of which is lost, while one of them may send some to the third as well. */
    private static void exchange(TestGuest vm1, TestGuest vm2, TestGuest vm3, Doing doing) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            if (doing == Doing.RECEIVING) {
                vm1.device().sendCopies(vm1.datagramTo(vm3, TestGuest.payload(1000, round)), 5);
            }
            vm1.deliver(vm2, TestGuest.payload(1 + round, round), TTL);
            vm2.deliver(vm1, TestGuest.payload(1 + round, -round), TTL);
        }
    }

    /** The first frame may be what makes the router find out; the second has nowhere to go. */
    private void assertStopped(TestGuest vm1, TestGuest vm2, TestGuest vm3) throws IOException {
        vm1.send(vm1.datagramTo(vm3, new byte[8]));
        vm1.deliver(vm2, new byte[8], TTL);
        long before = router.counter(3, Counter.RX_DROP_NOT_READY);
        vm1.send(vm1.datagramTo(vm3, new byte[8]));
        vm1.deliver(vm2, new byte[8], TTL);
        assertEquals(before + 1, router.counter(3, Counter.RX_DROP_NOT_READY), "the port still runs");
    }

    @Test
    void anUnknownRequestEndsItsSessionAndTheNextConnects() throws IOException {
        try (TestGuest vm2 = TestGuest.attach(router, 2)) {
            for (int round = 0; round < 3; round++) {
                try (TestGuest vm1 = TestGuest.attach(router, 1)) {
                    VhostUserFrontend protocol = vm1.device().protocol();
                    assertThrows(EOFException.class, () -> protocol.ask(unknownRequest()));
                }
                assertWorks(1);
            }
            vm2.ping(GATEWAY, TestGuest.payload(56, 1));
        }
    }

    @Test
    void anUnknownRequestThatAwaitsAnAnswerIsRefusedAndTheSessionGoesOn() throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, 1)) {
            VhostUserFrontend protocol = vm1.device().protocol();
            ProtocolViolation refusal = assertThrows(ProtocolViolation.class, () -> protocol.tell(unknownRequest()));
            assertTrue(String.valueOf(refusal.getMessage()).contains("refused request 99"), refusal::getMessage);
            vm1.lease();
        }
    }

    private static VhostUserMessage unknownRequest() {
        return new VhostUserMessage(UNKNOWN_REQUEST, VhostUserMessage.VERSION, new byte[0], List.of());
    }

    private void assertWorks(int number) throws IOException {
        try (TestGuest guest = TestGuest.attach(router, number)) {
            guest.lease();
            guest.ping(GATEWAY, TestGuest.payload(56, number));
        }
    }
}
