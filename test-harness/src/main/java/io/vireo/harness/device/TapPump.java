package io.vireo.harness.device;

import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Tap;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries frames between a device's rings and a tap of the kernel, on a thread of its own: the card of a guest whose kernel
 * is the host's.
 *
 * <pre>{@code
 *  kernel's stack | tap --read--> virtio-net header of zeros + frame --> transmit ring
 *                 |     <-write-- frame <----------------------------- receive ring
 * }</pre>
 *
 * Owns both and closes them. Frames that the kernel does not take, as its end is down, are lost, as on any wire.
 */
public final class TapPump implements AutoCloseable {
    /** Sees every frame, with its virtio-net header, on the pump's thread, before it goes on. */
    public interface Witness {
        /**
         * Decides on a frame.
         *
         * @param packet not to be changed
         * @return whether it goes on; false loses it
         */
        boolean passes(Direction direction, byte[] packet);
    }

    /** Where a frame goes, as the guest has it. */
    public enum Direction {
        SENT,
        RECEIVED
    }

    private static final int RECEIVE_BUFFERS = 128;
    private static final int RECEIVE_BUFFER_SIZE = 2048;
    private static final int LONGEST_FRAME = 65_536 + 18; // the largest IP packet, Ethernet's header and a VLAN tag
    private static final int BURST = 32;

    private final VhostUserFrontendDevice device;
    private final Tap tap;
    private final Witness witness;
    private final EventFd stop;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable IOException failure;

    private TapPump(VhostUserFrontendDevice device, Tap tap, Witness witness) throws LinuxException {
        this.device = device;
        this.tap = tap;
        this.witness = witness;
        stop = EventFd.create();
        thread = Thread.ofPlatform().name("pump-" + tap.name()).daemon().unstarted(this::run);
    }

    /**
     * Begins.
     *
     * @param device is set up, and has no receive buffers yet
     * @throws LinuxException and then both are the caller's still
     */
    public static TapPump start(VhostUserFrontendDevice device, Tap tap, Witness witness) throws LinuxException {
        TapPump pump = new TapPump(device, tap, witness);
        for (int i = 0; i < RECEIVE_BUFFERS; i++) {
            device.provideRxBuffer(RECEIVE_BUFFER_SIZE);
        }
        pump.thread.start();
        return pump;
    }

    private void run() {
        try (Epoll epoll = new Epoll();
                Arena arena = Arena.ofConfined()) {
            epoll.add(tap.fd());
            epoll.add(device.rxInterrupts());
            epoll.add(stop.fd());
            MemorySegment buffer = arena.allocate(LONGEST_FRAME);
            while (!stopping) {
                boolean sent = send(buffer);
                boolean received = receive(buffer);
                if (!sent && !received && !device.requestRxInterrupts(true)) {
                    epoll.await(-1); // the tap was read until it was empty, so its next frame is an event
                    device.requestRxInterrupts(false);
                }
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    /** @return whether there was anything, and may be more */
    private boolean send(MemorySegment buffer) throws IOException {
        for (int i = 0; i < BURST; i++) {
            int length = tap.read(buffer);
            if (length == Tap.NONE) {
                return i > 0;
            }
            byte[] packet = new byte[VirtioNetHeader.SIZE + length];
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, packet, VirtioNetHeader.SIZE, length);
            if (witness.passes(Direction.SENT, packet)) {
                device.sendPacket(packet);
            }
        }
        return true;
    }

    private boolean receive(MemorySegment buffer) throws IOException {
        for (int i = 0; i < BURST; i++) {
            Optional<byte[]> received = device.recvPacket();
            if (received.isEmpty()) {
                return i > 0;
            }
            byte[] packet = received.get();
            int length = packet.length - VirtioNetHeader.SIZE;
            if (witness.passes(Direction.RECEIVED, packet)) {
                MemorySegment.copy(packet, VirtioNetHeader.SIZE, buffer, ValueLayout.JAVA_BYTE, 0, length);
                tap.write(buffer.asSlice(0, length));
            }
        }
        return true;
    }

    /** @throws UncheckedIOException if the pump had failed, as it does when nobody serves the device's rings */
    @Override
    public void close() {
        stopping = true;
        stop.signal();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the thread uses what is closed next
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        device.close();
        tap.close();
        stop.close();
        IOException why = failure;
        if (why != null) {
            throw new UncheckedIOException("the card on " + tap.name() + " had failed", why);
        }
    }
}
