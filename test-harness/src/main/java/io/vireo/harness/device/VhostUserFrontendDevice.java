package io.vireo.harness.device;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Plays the VM: a network card's driver on the frontend's end of vhost-user. Confined to one thread.
 *
 * <pre>{@code
 * try (VhostUserFrontendDevice guest = VhostUserFrontendDevice.connect(socket)) {
 *     guest.setup();
 *     for (int i = 0; i < 16; i++) {
 *         guest.provideRxBuffer(4096);
 *     }
 *     guest.sendPacket(Packets.createArpRequest(mac, address, gateway));
 *     guest.waitForTx(1000);
 *     guest.waitForRx(2000);
 *     byte[] reply = guest.recvPacket().orElseThrow();
 * }
 * }</pre>
 *
 * Packets begin with the virtio-net header of 12 bytes, in both directions.
 */
public final class VhostUserFrontendDevice implements AutoCloseable {
    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final int CONFIG_SIZE = 12;
    private static final int MAC_BYTES = 6;
    private static final int MTU_OFFSET = 10;
    private static final int LARGEST_RX_BUFFER = 4096;

    private final FrontendSession session;
    private final FrontendQueue receiveRing;
    private final ReceiveQueue receive;
    private final TransmitQueue transmit;
    private byte[] config = new byte[CONFIG_SIZE];

    private VhostUserFrontendDevice(FrontendSession session) {
        this.session = session;
        receiveRing = session.queue(RECEIVE);
        receive = new ReceiveQueue(session.memory, receiveRing);
        transmit = new TransmitQueue(session.memory, session.queue(TRANSMIT), session.options.bufferSize());
    }

    public static VhostUserFrontendDevice connect(Path socket) throws IOException {
        return connect(socket, FrontendOptions.DEFAULT);
    }

    public static VhostUserFrontendDevice connect(Path socket, FrontendOptions options) throws IOException {
        // a transmit buffer for each descriptor, and as many receive buffers
        long buffers = (long) options.queueSize() * (options.bufferSize() + LARGEST_RX_BUFFER);
        return new VhostUserFrontendDevice(FrontendSession.connect(socket, options, 2, buffers));
    }

    /** Negotiates, and starts both rings. */
    public void setup() throws IOException {
        config = session.setup(CONFIG_SIZE);
    }

    /** Stops the transmit ring, as a VMM does that pauses. @return where {@link #resumeTransmitting} has to go on */
    public int stopTransmitting() throws IOException {
        return session.protocol.getVringBase(TRANSMIT);
    }

    public void resumeTransmitting(int base) throws IOException {
        session.start(TRANSMIT, base);
    }

    /** Has what is sent discarded, or not any longer. */
    public void enableTransmitting(boolean enabled) throws IOException {
        session.protocol.setVringEnable(TRANSMIT, enabled);
    }

    /** The MAC that the device says is its own. */
    public byte[] mac() {
        byte[] mac = new byte[MAC_BYTES];
        System.arraycopy(config, 0, mac, 0, MAC_BYTES);
        return mac;
    }

    /** The MTU that the device says its link has. */
    public int mtu() {
        return Byte.toUnsignedInt(config[MTU_OFFSET]) | Byte.toUnsignedInt(config[MTU_OFFSET + 1]) << 8;
    }

    /** Whether the guest's memory is in huge pages. */
    public boolean usesHugePages() {
        return session.memory.isHuge();
    }

    /** The protocol underneath, for tests that leave the beaten track. */
    public VhostUserFrontend protocol() {
        return session.protocol;
    }

    /** The guest's memory as the backend was told of it. */
    public List<MemoryRegion> memoryTable() {
        return session.memory.table();
    }

    /** The guest's memory file, for tests that do to it what a hostile VMM would. */
    public Fd memoryFile() {
        return session.memory.file();
    }

    // ---- receiving

    /** Posts one more receive buffer. It is posted again each time its content has been taken. */
    public void provideRxBuffer(int size) {
        receive.provide(size);
    }

    /** @return false if nothing was received within the time */
    public boolean waitForRx(long timeoutMs) throws IOException {
        return receive.await(timeoutMs);
    }

    /** The next frame received, from its virtio-net header on, put together if it lies in several buffers. */
    public Optional<byte[]> recvPacket() {
        byte[] packet = receive.take();
        if (packet == null) {
            return Optional.empty();
        }
        int buffers = Byte.toUnsignedInt(packet[VirtioNetHeader.NUM_BUFFERS_OFFSET])
                | Byte.toUnsignedInt(packet[VirtioNetHeader.NUM_BUFFERS_OFFSET + 1]) << 8;
        for (int i = 1; i < buffers; i++) {
            byte[] more = receive.take(); // 5.1.6.4.1: all buffers of a frame are used at once
            if (more == null) {
                throw new IllegalStateException("only " + i + " of " + buffers + " buffers of a frame came back");
            }
            packet = concatenate(packet, more);
        }
        receive.publish();
        return Optional.of(packet);
    }

    /** Receives a frame, waiting for it. @throws IOException if none comes within the time */
    public byte[] receive(long timeoutMs) throws IOException {
        if (!waitForRx(timeoutMs)) {
            throw new IOException("nothing received within " + timeoutMs + " ms");
        }
        return recvPacket().orElseThrow();
    }

    /**
     * Asks for an interrupt, {@link #rxInterrupts}, when something has been received, or for none; for threads that wait for
     * other things too.
     *
     * @return whether something is there already, so that waiting could be in vain
     */
    public boolean requestRxInterrupts(boolean wanted) {
        return receiveRing.ring.requestInterrupts(wanted);
    }

    /** Becomes readable with each interrupt. */
    public Fd rxInterrupts() {
        return receiveRing.call.fd();
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    // ---- sending

    /** Sends a frame, from its virtio-net header on. @throws IOException if no transmit buffer becomes free in ten seconds */
    public void sendPacket(byte[] packet) throws IOException {
        transmit.send(packet);
    }

    /** Waits until every frame sent has been completed. @return false if the time was too short */
    public boolean waitForTx(long timeoutMs) throws IOException {
        return transmit.await(timeoutMs);
    }

    // ---- bulk traffic: no waiting, and no allocation per frame

    /** Sends up to {@code count} times a packet that fits one buffer, as far as the ring has room. @return how often */
    public int sendCopies(byte[] packet, int count) {
        return transmit.sendCopies(packet, count);
    }

    /** Takes what was received, unseen. @return how many buffers came back */
    public int discardReceived() {
        return receive.discard();
    }

    /** Leaves, as a VMM does that ends: without a word. */
    @Override
    public void close() {
        session.close();
    }
}
