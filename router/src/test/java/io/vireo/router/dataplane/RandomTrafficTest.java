package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of frames among three guests, at random but the same each time: each arrives once, whole, and in order. */
@ParameterizedClass
@EnumSource
class RandomTrafficTest {
    private static final int FRAMES = 6000;
    private static final int GUESTS = 3;
    /** Frames that may be under way to a guest: fewer than its backlog has room for. */
    private static final int LIMIT = 128;

    /** A guest, the frames it must get next, and the heads that must come back to it next. */
    private record Station(Guest guest, Deque<byte[]> due, Deque<Integer> outstanding) {}

    private final List<Station> stations = new ArrayList<>();
    private final RingFormat format;
    private long received;

    RandomTrafficTest(RingFormat format) {
        this.format = format;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void arrivesOnceWholeAndInOrder(long seed) throws Exception {
        Random random = new Random(seed);
        try (DataPlane plane = DataPlane.subnet(format)) {
            for (int i = 0; i < GUESTS; i++) {
                stations.add(new Station(plane.guest(), new ArrayDeque<>(), new ArrayDeque<>()));
            }
            for (int sent = 0; sent < FRAMES; ) {
                sent += sendSome(random);
                plane.guests.forEach(guest -> postSome(guest, random));
                plane.guests.forEach(plane::visit);
                stations.forEach(this::check);
            }
            while (stations.stream().anyMatch(station -> !station.due().isEmpty())) {
                plane.guests.forEach(guest -> guest.post(guest.rx.freeDescriptors(), 1000));
                plane.guests.forEach(plane::visit);
                stations.forEach(this::check);
            }
            assertEquals(total(Counter.TX_FRAMES), received);
            assertEquals(total(Counter.RX_FRAMES), received);
            assertEquals(total(Counter.TX_BYTES), total(Counter.RX_BYTES));
            assertEquals(0, total(Counter.RX_DROP_BACKLOG_FULL), "the traffic is such that backlogs last");
        }
    }

    private long total(Counter counter) {
        return stations.stream()
                .mapToLong(station -> station.guest().port.counter(counter))
                .sum();
    }

    private int sendSome(Random random) {
        int count = 0;
        for (Station from : stations) {
            for (int i = random.nextInt(20); i > 0; i--) {
                Station to = stations.get(random.nextInt(GUESTS));
                if (to.due().size() >= LIMIT) {
                    continue;
                }
                int length = 42 + random.nextInt(random.nextInt(10) == 0 ? 1400 : 150);
                byte[] frame = Frames.udp(from.guest(), to.guest().ipv4(), length);
                from.outstanding().add(from.guest().send(frame, pieces(random)));
                to.due().add(Frames.forwarded(frame, to.guest()));
                count++;
            }
        }
        return count;
    }

    private static int[] pieces(Random random) {
        int[] pieces = new int[random.nextInt(3)];
        Arrays.setAll(pieces, i -> 1 + random.nextInt(20));
        return pieces;
    }

    private static void postSome(Guest guest, Random random) {
        for (int i = random.nextInt(30); i > 0; i--) {
            int[] pieces = pieces(random);
            if (guest.rx.freeDescriptors() > pieces.length) {
                int[] chain = Arrays.copyOf(pieces, pieces.length + 1);
                chain[pieces.length] = 1 + random.nextInt(2000);
                guest.post(1, chain);
            }
        }
    }

    private void check(Station station) {
        for (byte[] frame : station.guest().receiveFrames()) {
            assertArrayEquals(station.due().poll(), frame);
            received++;
        }
        for (int head : station.guest().transmitted()) {
            assertEquals(station.outstanding().poll(), head);
        }
    }
}
