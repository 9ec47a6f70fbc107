package io.vireo.harness;

import static io.vireo.harness.RawFrontend.RECEIVE;
import static io.vireo.harness.RawFrontend.TRANSMIT;
import static io.vireo.harness.RawMemory.BUFFERS;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.harness.RawFrontend.Buffer;
import io.vireo.linux.Fd;
import io.vireo.linux.ForeignFiles;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptors for kicks, calls and errors that would block who uses them as they should be used, or are something else. */
@Timeout(60)
class HostileSignalsIT {
    private static final int QUEUES = 2;
    private static final int ROUNDS = 100;

    private static HostileBench bench;

    @BeforeAll
    static void start() throws Exception {
        bench = new HostileBench();
    }

    @AfterAll
    static void stop() throws Exception {
        bench.close();
    }

    @AfterEach
    void othersNoticeNothing() throws Exception {
        bench.others().assertUnharmed();
    }

    /** Where a write blocks, or fails. */
    enum Deaf {
        FULL_EVENTFD,
        FULL_SOCKET,
        CLOSED_SOCKET;

        /** @return what the backend is given first */
        List<Fd> make() throws IOException {
            if (this == FULL_EVENTFD) {
                return List.of(ForeignFiles.fullEventFd());
            }
            Fd[] pair = ForeignFiles.socketPair();
            if (this == CLOSED_SOCKET) {
                pair[1].close();
            } else {
                ForeignFiles.fill(pair[0]);
            }
            return List.of(pair);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallThatNobodyHearsHoldsNobodyUp(Deaf deaf) throws Exception {
        for (long format : new long[] {0, Features.RING_PACKED}) {
            List<Fd> call = deaf.make();
            try (RawFrontend guest = bench.attach(format, QUEUES)) {
                guest.protocol().setVringCall(TRANSMIT, call.getFirst());
                guest.protocol().setVringCall(RECEIVE, call.getFirst());
                for (int i = 0; i < ROUNDS; i++) {
                    bench.assertServed(guest);
                }
                bench.others().assertUnharmed();
            } finally {
                call.forEach(Fd::close);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSocketDevicesCallThatNobodyHearsHoldsNobodyUp(Deaf deaf) throws Exception {
        List<Fd> call = deaf.make();
        try (RawFrontend guest = bench.attachVsock(0)) {
            guest.protocol().setVringCall(TRANSMIT, call.getFirst());
            for (int i = 0; i < ROUNDS; i++) {
                guest.send(TRANSMIT, new byte[44]); // no packet, but used
                guest.awaitUsed(TRANSMIT);
            }
        } finally {
            call.forEach(Fd::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorThatNobodyHearsHoldsNobodyUp(Deaf deaf) throws Exception {
        List<Fd> error = deaf.make();
        try (RawFrontend guest = bench.attach(0, QUEUES);
                RawFrontend vsock = bench.attachVsock(0)) {
            for (RawFrontend one : List.of(guest, vsock)) {
                one.protocol().setVringErr(TRANSMIT, error.getFirst());
                one.offer(TRANSMIT, Buffer.readable(RawMemory.END, 1));
                one.awaitBroken(); // the other rings' error is heard
                one.sync();
            }
        } finally {
            error.forEach(Fd::close);
        }
        bench.assertServed(0);
    }

    /** Who read a kick would wait for the next one here. */
    @Test
    void aKickThatIsTakenBackAtOnceHoldsNobodyUp() throws Exception {
        Fd kick = ForeignFiles.blockingEventFd();
        try (RawFrontend guest = bench.attach(0, QUEUES)) {
            guest.protocol().setVringKick(TRANSMIT, kick);
            for (int i = 0; i < ROUNDS; i++) {
                for (int j = 0; j < 20; j++) {
                    ForeignFiles.add(kick, 1);
                    ForeignFiles.take(kick);
                }
                offer(guest);
                ForeignFiles.add(kick, 1);
                ForeignFiles.take(kick);
                guest.awaitUsed(TRANSMIT);
                bench.expectDatagram(100);
            }
        } finally {
            kick.close();
        }
    }

    private static void offer(RawFrontend guest) {
        byte[] packet = bench.datagram(100);
        guest.memory.write(BUFFERS, packet);
        guest.offer(TRANSMIT, Buffer.readable(BUFFERS, packet.length));
    }

    /** What was offered before a ring started is served without a kick, which could not come. */
    @Test
    void aKickThatIsFullHoldsNobodyUp() throws Exception {
        Fd kick = ForeignFiles.fullEventFd();
        try (RawFrontend guest = bench.attach(0, QUEUES)) {
            guest.protocol().getVringBase(TRANSMIT);
            offer(guest);
            guest.protocol().setVringBase(TRANSMIT, 0);
            guest.protocol().setVringKick(TRANSMIT, kick);
            guest.awaitUsed(TRANSMIT);
            bench.expectDatagram(100);
        } finally {
            kick.close();
        }
    }

    @Test
    void aFloodOfKicksWithoutWorkHoldsNobodyUp() throws Exception {
        try (RawFrontend guest = bench.attach(0, QUEUES);
                RawFrontend vsock = bench.attachVsock(0)) {
            for (int i = 0; i < 100_000; i++) {
                guest.kick();
                vsock.kick();
            }
            bench.assertServed(guest);
        }
    }

    // ---- descriptors of other kinds

    /** What tells of a descriptor. */
    enum Signal {
        KICK,
        CALL,
        ERROR;

        void pass(RawFrontend guest, Fd fd) throws IOException {
            switch (this) {
                case KICK -> guest.protocol().setVringKick(TRANSMIT, fd);
                case CALL -> guest.protocol().setVringCall(TRANSMIT, fd);
                case ERROR -> guest.protocol().setVringErr(TRANSMIT, fd);
            }
        }
    }

    static Stream<Arguments> others() {
        List<Arguments> all = new ArrayList<>();
        for (Signal signal : Signal.values()) {
            for (String path : List.of("/proc/self/exe", "/dev/zero", "/", "/proc/self/mem", "pipe")) {
                all.add(Arguments.of(signal, path));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatIsNeitherEventfdNorSocketIsRefused(Signal signal, String path) throws Exception {
        List<Fd> made = path.equals("pipe")
                ? List.of(ForeignFiles.pipe())
                : List.of(ForeignFiles.open(Path.of(path), ForeignFiles.READ_ONLY));
        try (RawFrontend guest = bench.attach(0, QUEUES)) {
            assertThrows(IOException.class, () -> {
                signal.pass(guest, made.getLast());
                guest.sync();
            });
        } finally {
            made.forEach(Fd::close);
        }
        bench.assertServed(0);
    }
}
