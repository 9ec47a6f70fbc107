package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.Packets;
import io.vireo.linux.Memory;
import io.vireo.router.dataplane.UplinkCounter;
import io.vireo.vhostuser.backend.GuestLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Guests that leave while their packets go out, again and again: what the host gets of them is what they have sent, and
 * nothing of anybody else's memory. Takes root.
 */
@Timeout(60)
class UplinkDepartedGuestsIT {
    private static final int CYCLES = 500;
    private static final int[] LEAVING = {1, 3};
    private static final int STAYING = 2;
    private static final int FRAMES = 24;
    private static final int IPV4_HEADER = 20;
    private static final int UDP_HEADER = 8;
    /** Where the payload says whose it is: guest, then cycle. */
    private static final int LABEL = 6;

    private static final int MAGIC = 0x5649;
    private static final int PORT = 9;

    @Test
    void nothingButWhatTheySentReachesTheHost() throws Exception {
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (CapturedLog log = new CapturedLog(GuestLog.class);
                    UplinkNetwork network = UplinkNetwork.start(2);
                    TunCapture capture = TunCapture.open();
                    VhostUserFrontendDevice staying = network.attach(STAYING, 64)) {
                AtomicInteger lived = new AtomicInteger();
                FutureTask<?>[] lives = new FutureTask<?>[LEAVING.length];
                for (int i = 0; i < LEAVING.length; i++) {
                    int number = LEAVING[i];
                    lives[i] = new FutureTask<Void>(() -> {
                        comeAndGo(network, number, lived);
                        return null;
                    });
                    Thread.ofPlatform().name("life of " + number).start(lives[i]);
                }
                for (int sent = 0; !Arrays.stream(lives).allMatch(FutureTask::isDone); ) {
                    if (sent <= lived.get()) {
                        send(network, STAYING, staying, sent++ % CYCLES);
                    }
                    staying.discardReceived();
                    LockSupport.parkNanos(10_000);
                }
                for (FutureTask<?> life : lives) {
                    life.get();
                }
                assertTrue(staying.waitForTx(5_000)); // so that the last ones travel with no others
                send(network, STAYING, staying, CYCLES);
                capture.await(
                        packet -> number(packet) == STAYING && cycle(packet.bytes(), payloadOf(packet)) == CYCLES);
                int[] seen = new int[4];
                for (TunCapture.Captured packet : capture.packets()) {
                    seen[number(packet)] += check(packet);
                }
                System.out.println("from guests that left %d and %d packets reached the host, and %d of %s"
                        .formatted(seen[1], seen[3], seen[STAYING], "the one that stayed"));
                for (int number : LEAVING) {
                    assertTrue(seen[number] > CYCLES, () -> network.router().countersText());
                }
                assertEquals(0, network.counter(UplinkCounter.OUT_DROP_REFUSED));
                assertEquals(List.of(), log.linesWith("failure of our own"));
            }
        });
    }

    /** Each life ends in another way: at once, with its memory taken away, or after its frames are gone. */
    private static void comeAndGo(UplinkNetwork network, int number, AtomicInteger lived) throws Exception {
        FrontendOptions options = FrontendOptions.DEFAULT.withQueueSize(64);
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            try (VhostUserFrontendDevice guest = VhostUserFrontendDevice.connect(network.socket(number), options)) {
                guest.setup();
                send(network, number, guest, cycle);
                lived.incrementAndGet();
                switch (cycle % 4) {
                    case 0 -> assertTrue(guest.waitForTx(5_000));
                    case 1 -> Memory.truncate(guest.memoryFile(), 0);
                    default -> {
                        // it leaves at once
                    }
                }
            }
        }
    }

    private static void send(UplinkNetwork network, int number, VhostUserFrontendDevice guest, int cycle)
            throws IOException {
        byte[] frame = network.datagram(number, Packets.ip(UplinkNetwork.HOST), PORT, payload(number, cycle));
        for (int sent = 0; sent < FRAMES; ) {
            sent += guest.sendCopies(frame, FRAMES - sent);
        }
    }

    /** So long that most of it is not in the head that is copied in any case. */
    private static byte[] payload(int number, int cycle) {
        byte[] payload = new byte[300 + cycle * 11 % 1100];
        Arrays.fill(payload, (byte) (number * 64 + cycle % 61));
        ByteBuffer.wrap(payload)
                .putShort((short) MAGIC)
                .putShort((short) number)
                .putShort((short) cycle);
        return payload;
    }

    // ---- what the host got

    private static int payloadOf(TunCapture.Captured packet) {
        return packet.bytes()[0] == 0x45 ? IPV4_HEADER + UDP_HEADER : 0;
    }

    private static int cycle(byte[] bytes, int payload) {
        return ByteBuffer.wrap(bytes).getShort(payload + 4);
    }

    /** The guest that an IPv4 datagram says it is from; 0: not a guest. */
    private static int number(TunCapture.Captured packet) {
        for (int number : new int[] {1, 2, 3}) {
            if (packet.isFrom(Packets.ip(UplinkNetwork.address(number)).getAddress())) {
                return number;
            }
        }
        return 0;
    }

    /** Datagrams that travelled together are one packet. @return how many datagrams it is */
    private static int check(TunCapture.Captured packet) {
        int number = number(packet);
        if (number == 0) {
            return 0; // the host's own
        }
        byte[] bytes = packet.bytes();
        int datagrams = 0;
        for (int at = payloadOf(packet); at < bytes.length; datagrams++) {
            assertTrue(bytes.length - at >= LABEL, "a piece is missing");
            int cycle = cycle(bytes, at);
            byte[] expected = payload(number, cycle);
            assertTrue(bytes.length - at >= expected.length, "a piece is missing");
            int from = at;
            assertEquals(
                    -1,
                    Arrays.mismatch(bytes, at, at + expected.length, expected, 0, expected.length),
                    () -> "something else in a packet of guest %d at %d".formatted(number, from));
            at += expected.length;
        }
        return datagrams;
    }
}
