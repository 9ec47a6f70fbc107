package io.vireo.harness.device;

import io.vireo.harness.packets.VsockPacket;
import io.vireo.linux.Fd;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * The VM's side of a vsock device (virtio 1.3, 5.10) without any sockets: sends whatever packets it is told to, and shows
 * those that come. Nothing is posted in the receive and event rings but what is provided. Confined to one thread.
 */
public final class RawVsockGuest implements AutoCloseable {
    /** Room for a packet as large as Linux takes them. */
    public static final int BUFFER_SIZE = 4096;

    public static final FrontendOptions OPTIONS = new FrontendOptions(
            128,
            BUFFER_SIZE,
            1,
            Features.VERSION_1
                    | Features.RING_EVENT_IDX
                    | Features.VSOCK_SEQPACKET
                    | Features.VHOST_USER_PROTOCOL_FEATURES);

    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final int EVENT = 2;
    private static final int QUEUES = 3;
    private static final int CONFIG_SIZE = 8;
    private static final int EVENT_SIZE = 4;

    private final FrontendSession session;
    private final ReceiveQueue receive;
    private final TransmitQueue transmit;
    private final ReceiveQueue events;
    private byte[] config = new byte[CONFIG_SIZE];

    private RawVsockGuest(FrontendSession session) {
        this.session = session;
        receive = new ReceiveQueue(session.memory, session.queue(RECEIVE));
        transmit = new TransmitQueue(session.memory, session.queue(TRANSMIT), session.options.bufferSize());
        events = new ReceiveQueue(session.memory, session.queue(EVENT));
    }

    /** Connects to a device's socket, and sets its rings up, in which nothing is posted yet. */
    public static RawVsockGuest attach(Path socket) throws IOException {
        return attach(socket, OPTIONS);
    }

    public static RawVsockGuest attach(Path socket, FrontendOptions options) throws IOException {
        return attach(VhostUserFrontend.connect(socket), options);
    }

    /** The same over a connection that is there, be it one that the backend has made. */
    public static RawVsockGuest attach(VhostUserFrontend protocol, FrontendOptions options) throws IOException {
        long buffers = (long) options.queueSize() * (options.bufferSize() + BUFFER_SIZE);
        RawVsockGuest guest = new RawVsockGuest(FrontendSession.over(protocol, options, QUEUES, buffers));
        try {
            guest.config = guest.session.setup(CONFIG_SIZE);
            return guest;
        } catch (IOException e) {
            guest.close();
            throw e;
        }
    }

    /** The guest's own number, as the device's configuration space says it (5.10.4). */
    public long cid() {
        return ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** The protocol underneath, for tests that leave the beaten track. */
    public VhostUserFrontend protocol() {
        return session.protocol;
    }

    /** The guest's memory file, for tests that do to it what a hostile VMM would. */
    public Fd memoryFile() {
        return session.memory.file();
    }

    // ---- rings that stop and go on

    /** Stops the rings, as a VMM does that pauses. @return where they stand */
    public int[] stop() throws IOException {
        return session.stopAll();
    }

    /** Has the same backend go on with rings that were stopped. */
    public void goOn(int... bases) throws IOException {
        session.startAll(bases);
    }

    /** Has a backend that knows nothing of this guest go on with rings that were stopped. */
    public void reattach(Path socket, int... bases) throws IOException {
        session.reconnect(socket, bases);
    }

    /** The same over a connection that is there. */
    public void reattach(VhostUserFrontend protocol, int... bases) throws IOException {
        session.moveTo(protocol, bases);
    }

    /** Tells of the memory again, as a VMM does whose memory changes, while the rings run. */
    public void tellOfMemory() throws IOException {
        session.protocol.setMemTable(session.memory.table(), session.memory.files());
    }

    // ---- sending

    /** Sends a packet as Linux does, with its header in a buffer of its own. */
    public void send(VsockPacket packet) throws IOException {
        transmit.send(packet.bytes(), VsockPacket.HEADER_LENGTH, session.options.bufferSize());
    }

    /**
     * Sends any bytes as one chain.
     *
     * @param first bytes of its first buffer
     * @param others bytes of each further one
     */
    public void send(byte[] bytes, int first, int others) throws IOException {
        transmit.send(bytes, first, others);
    }

    /** Waits until the device has used all that was sent. @return false if the time was too short */
    public boolean awaitSent(long timeoutMs) throws IOException {
        return transmit.await(timeoutMs);
    }

    /**
     * Shows the device a descriptor, wherever it points to; nobody takes it back.
     *
     * @param queue 0 receive, 1 transmit, 2 events
     */
    public void offer(int queue, long guestAddress, int length, boolean deviceWrites) {
        FrontendQueue to = session.queue(queue);
        to.ring.begin();
        to.ring.add(guestAddress, length, deviceWrites);
        to.ring.end();
        to.publish();
    }

    /** The guest address of some memory of the guest's, for {@link #offer}. */
    public long allocate(int bytes) {
        return session.memory.guestAddress(session.memory.allocate(bytes));
    }

    // ---- receiving

    /** Posts receive buffers, each of which is posted again when its packet has been taken. */
    public void provide(int count, int size) {
        for (int i = 0; i < count; i++) {
            receive.provide(size);
        }
    }

    /** The next packet, waiting for it; empty if none comes within the time. @throws IOException if it is none */
    public Optional<VsockPacket> receive(long timeoutMs) throws IOException {
        if (!receive.await(timeoutMs)) {
            return Optional.empty();
        }
        byte[] bytes = receive.take();
        receive.publish();
        if (bytes == null) {
            return Optional.empty();
        }
        return Optional.of(VsockPacket.parse(bytes)
                .orElseThrow(() -> new IOException("no vsock packet: " + Arrays.toString(bytes))));
    }

    /** Posts event buffers. */
    public void provideEvents(int count) {
        for (int i = 0; i < count; i++) {
            events.provide(EVENT_SIZE);
        }
    }

    /** The next event's number (5.10.6.7), waiting for it; empty if none comes within the time. */
    public Optional<Integer> event(long timeoutMs) throws IOException {
        if (!events.await(timeoutMs)) {
            return Optional.empty();
        }
        byte[] bytes = events.take();
        events.publish();
        if (bytes == null || bytes.length != EVENT_SIZE) {
            throw new IOException("no vsock event: " + Arrays.toString(bytes));
        }
        return Optional.of(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    /** Leaves, as a VMM does that ends: without a word. */
    @Override
    public void close() {
        session.close();
    }
}
