package io.vireo.harness;

import java.util.Random;

/** Writes bytes at random, the same ones each time, over a guest's rings, on a thread of its own. */
final class RingFlipper implements AutoCloseable {
    /** Descriptors, driver area and indirect table of both queues; the first descriptors most of the time. */
    private static final int[] AREAS = {0, 0, 0, 0x1000, 0x3000};

    private static final int BYTES = 0x80;

    private final RawFrontend guest;
    private final Random random;
    private final Thread thread = new Thread(this::run, "ring flipper");
    private volatile boolean closing;
    private volatile int flips;

    private RingFlipper(RawFrontend guest, int seed) {
        this.guest = guest;
        random = new Random(seed);
    }

    static RingFlipper start(RawFrontend guest, int seed) {
        RingFlipper flipper = new RingFlipper(guest, seed);
        flipper.thread.start();
        return flipper;
    }

    private void run() {
        int done = 0;
        while (!closing) {
            int offset = AREAS[random.nextInt(AREAS.length)] + random.nextInt(BYTES);
            byte value = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(8));
            guest.poke(random.nextInt(2), offset, value);
            flips = ++done;
            if (done % 64 == 0) {
                guest.kick();
            }
        }
    }

    void awaitFlips(int count) {
        while (flips < count) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
    }
}
