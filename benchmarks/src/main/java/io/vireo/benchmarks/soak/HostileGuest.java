package io.vireo.benchmarks.soak;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.Memory;
import io.vireo.linux.UnixSocket;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A frontend that does what comes to its mind: messages without sense, rings that change under the device's eyes, memory that
 * goes away. What it does follows from a number, so that it can be done again. Confined to one thread.
 */
final class HostileGuest {
    private static final int MOST_BYTES = 300;
    private static final int MOST_MESSAGES = 12;
    private static final int REQUESTS = 50;
    private static final int MOST_PAYLOAD = 64;
    private static final int VERSION = 1;
    private static final int NEED_REPLY = 8;
    private static final int STROKES = 200;
    /** Of the guest's memory: where its rings and the first of its buffers are. */
    private static final int STRUCK_BYTES = 1 << 18;

    private static final int FRAMES = 300;
    private static final int LONGEST_FRAME = 1600;

    private final Path socket;
    private final Random random;
    private final byte[] frame;
    private long deeds;

    /** @param frame one that would be let through, with its virtio-net header */
    HostileGuest(Path socket, long seed, byte[] frame) {
        this.socket = socket;
        this.frame = frame;
        random = new Random(seed);
    }

    long deeds() {
        return deeds;
    }

    /** One deed. Whatever the backend does about it, even that nothing listens any more, is not this guest's concern. */
    void act() {
        deeds++;
        try {
            switch (random.nextInt(6)) {
                case 0 -> garbage();
                case 1, 2 -> messages();
                case 3 -> strikeRings();
                case 4 -> flood();
                default -> truncate();
            }
        } catch (IOException | RuntimeException e) {
            // it was thrown out, or has confused its own driver
        }
    }

    private void garbage() throws IOException {
        try (UnixSocket connection = UnixSocket.connect(socket)) {
            connection.send(bytes(1 + random.nextInt(MOST_BYTES)), List.of());
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Requests that exist, most of them, with payloads and descriptors that need not fit. */
    private void messages() throws IOException {
        try (UnixSocket connection = UnixSocket.connect(socket);
                EventFd event = EventFd.create();
                Fd memory = Memory.memfdCreate("hostile", false)) {
            Memory.truncate(memory, random.nextInt(1 << 20));
            int count = 1 + random.nextInt(MOST_MESSAGES);
            for (int i = 0; i < count; i++) {
                List<Fd> fds = new ArrayList<>();
                for (int fd = random.nextInt(3); fd > 0; fd--) {
                    fds.add(random.nextBoolean() ? event.fd() : memory);
                }
                connection.send(message(), fds);
            }
        }
    }

    private byte[] message() {
        byte[] payload = new byte[random.nextBoolean() ? 8 : random.nextInt(MOST_PAYLOAD)];
        if (random.nextBoolean()) {
            random.nextBytes(payload);
        } else {
            for (int i = 0; i < payload.length; i += 4) { // small numbers: indices that are there, sizes that could be
                payload[i] = (byte) random.nextInt(4);
            }
        }
        ByteBuffer message = ByteBuffer.allocate(12 + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        message.putInt(random.nextInt(REQUESTS)).putInt(VERSION | (random.nextBoolean() ? NEED_REPLY : 0));
        return message.putInt(payload.length).put(payload).array();
    }

    private VhostUserFrontendDevice attach() throws IOException {
        FrontendOptions options = FrontendOptions.DEFAULT;
        if (random.nextBoolean()) {
            options = options.with(Features.RING_PACKED);
        }
        if (random.nextBoolean()) {
            options = options.with(Features.RING_INDIRECT_DESC);
        }
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(socket, options);
        try {
            device.setup();
            device.provideRxBuffer(1 + random.nextInt(4096));
            return device;
        } catch (IOException | RuntimeException e) {
            device.close();
            throw e;
        }
    }

    /** A driver at work whose rings somebody else writes as well. */
    private void strikeRings() throws IOException {
        try (VhostUserFrontendDevice device = attach()) {
            for (int i = 0; i < STROKES; i++) {
                device.sendCopies(frame, 1 + random.nextInt(8));
                Memory.write(device.memoryFile(), random.nextInt(STRUCK_BYTES), bytes(1 + random.nextInt(16)));
                device.discardReceived();
            }
        }
    }

    /** Frames of which some bytes are others, or which end early, as fast as they are taken. */
    private void flood() throws IOException {
        try (VhostUserFrontendDevice device = attach()) {
            for (int i = 0; i < FRAMES; i++) {
                byte[] other = new byte[1 + random.nextInt(LONGEST_FRAME)];
                System.arraycopy(frame, 0, other, 0, Math.min(frame.length, other.length));
                for (int changes = random.nextInt(4); changes > 0; changes--) {
                    other[random.nextInt(other.length)] = (byte) random.nextInt();
                }
                device.sendPacket(other);
                device.discardReceived();
            }
        }
    }

    /** Memory that is gone while the device has work in it. This process does not touch it any more either. */
    private void truncate() throws IOException {
        try (VhostUserFrontendDevice device = attach()) {
            device.sendCopies(frame, 64);
            Memory.truncate(device.memoryFile(), 0);
        }
    }
}
