package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;

/**
 * What goes over the uplink's device, in both directions, from the opening of this on. The device is one of the network
 * namespace that the opening thread is in, as threads that it starts are there, too.
 */
final class TunCapture implements AutoCloseable {
    private static final int MEMORY = 32 << 20;
    private static final int TIMEOUT_MS = 5;
    private static final int WHOLE = 262_144;

    /** @param length of the packet, of which so many bytes may have been captured, from the IP header on */
    record Captured(int length, byte[] bytes) {
        /** Whether it is from that IPv4 address. */
        boolean isFrom(byte[] address) {
            return bytes[0] >> 4 == 4 && Arrays.equals(bytes, 12, 16, address, 0, 4);
        }

        /** Whether the pattern is anywhere in it. */
        boolean contains(byte[] pattern) {
            for (int from = 0; from + pattern.length <= bytes.length; from++) {
                int i = 0;
                while (i < pattern.length && bytes[from + i] == pattern[i]) {
                    i++;
                }
                if (i == pattern.length) {
                    return true;
                }
            }
            return false;
        }
    }

    private final PcapHandle handle;
    private final Thread reader = Thread.ofPlatform().name("capture").unstarted(this::read);
    private final List<Captured> packets = new ArrayList<>();
    private volatile boolean closing;

    private TunCapture(PcapHandle handle) {
        this.handle = handle;
    }

    /** @param bytes kept of each packet */
    static TunCapture open(int bytes) throws PcapNativeException {
        TunCapture capture = new TunCapture(new PcapHandle.Builder(UplinkNetwork.TUN)
                .snaplen(bytes)
                .bufferSize(MEMORY)
                .timeoutMillis(TIMEOUT_MS)
                .build());
        capture.reader.start();
        return capture;
    }

    static TunCapture open() throws PcapNativeException {
        return open(WHOLE);
    }

    private void read() {
        while (!closing) {
            try {
                byte[] bytes = handle.getNextRawPacket(); // null after the timeout, and when it is told to end
                if (bytes != null) {
                    Captured packet = new Captured(handle.getOriginalLength(), bytes);
                    synchronized (packets) {
                        packets.add(packet);
                        packets.notifyAll();
                    }
                }
            } catch (NotOpenException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** All so far. */
    List<Captured> packets() {
        synchronized (packets) {
            return List.copyOf(packets);
        }
    }

    /** Waits until such a packet has been captured, and with it all that came before it. */
    void await(Predicate<Captured> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        int seen = 0;
        synchronized (packets) {
            while (packets.subList(seen, packets.size()).stream().noneMatch(wanted)) {
                seen = packets.size();
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                assertTrue(left > 0, () -> "not among the " + packets.size() + " packets captured");
                packets.wait(left);
            }
        }
    }

    /** Fails if any packet was missed. */
    void assertComplete() throws PcapNativeException, NotOpenException {
        assertEquals(0, handle.getStats().getNumPacketsDropped());
    }

    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        while (reader.isAlive()) {
            try {
                handle.breakLoop(); // it waits without end where there is nothing
                reader.join(TIMEOUT_MS);
            } catch (NotOpenException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        handle.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
