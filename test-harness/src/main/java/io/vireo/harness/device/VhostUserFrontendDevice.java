package io.vireo.harness.device;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Fd;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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
    /** What decides on the rings' format, which is fixed before anything is negotiated. */
    private static final long RING_FEATURES =
            Features.RING_PACKED | Features.RING_INDIRECT_DESC | Features.RING_EVENT_IDX | Features.IN_ORDER;

    private static final long PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.MTU
            | ProtocolFeatures.CONFIG
            | ProtocolFeatures.STATUS;

    private final VhostUserFrontend frontend;
    private final FrontendOptions options;
    private final FrontendMemory memory;
    private final FrontendQueue receive;
    private final FrontendQueue transmit;
    /** The address, in this process, of each transmit descriptor's buffer. */
    private final long[] txBuffer;

    /** The same of the receive buffers posted, by the head of their chain. */
    private final long[] rxBuffer;

    private final int[] rxBufferSize;
    private int txUnderWay;
    private byte[] config = new byte[CONFIG_SIZE];

    private VhostUserFrontendDevice(VhostUserFrontend frontend, FrontendOptions options) throws IOException {
        this.frontend = frontend;
        this.options = options;
        int entries = options.queueSize();
        // a transmit buffer for each descriptor, and as many receive buffers of up to 4 KiB, and both rings
        long rings = 2 * DriverRing.memorySize(entries, options.features());
        memory = new FrontendMemory((long) entries * (options.bufferSize() + 4096) + rings + 65_536, options.regions());
        receive = new FrontendQueue(memory, entries, options.features());
        transmit = new FrontendQueue(memory, entries, options.features());
        txBuffer = new long[entries];
        Arrays.setAll(txBuffer, i -> memory.allocate(options.bufferSize()));
        rxBuffer = new long[entries];
        rxBufferSize = new int[entries];
    }

    public static VhostUserFrontendDevice connect(Path socket) throws IOException {
        return connect(socket, FrontendOptions.DEFAULT);
    }

    public static VhostUserFrontendDevice connect(Path socket, FrontendOptions options) throws IOException {
        VhostUserFrontend frontend = VhostUserFrontend.connect(socket);
        try {
            return new VhostUserFrontendDevice(frontend, options);
        } catch (IOException e) {
            frontend.close();
            throw e;
        }
    }

    /** Negotiates, and starts both rings. */
    public void setup() throws IOException {
        frontend.setOwner();
        long features = frontend.getFeatures() & options.features();
        long missing = options.features() & RING_FEATURES & ~features;
        if (missing != 0) {
            throw new IOException("the backend does not offer 0x%x, for which the rings are made".formatted(missing));
        }
        if ((features & Features.VHOST_USER_PROTOCOL_FEATURES) != 0) {
            frontend.setProtocolFeatures(frontend.getProtocolFeatures() & PROTOCOL_FEATURES);
            config = frontend.getConfig(0, CONFIG_SIZE);
        }
        frontend.setFeatures(features);
        frontend.setMemTable(memory.table(), memory.files());
        start(RECEIVE, receive, receive.ring.initialBase());
        start(TRANSMIT, transmit, transmit.ring.initialBase());
        if ((features & Features.VHOST_USER_PROTOCOL_FEATURES) != 0) {
            frontend.setVringEnable(RECEIVE, true);
            frontend.setVringEnable(TRANSMIT, true);
        }
    }

    private void start(int index, FrontendQueue queue, int base) throws IOException {
        DriverRing ring = queue.ring;
        frontend.setVringNum(index, ring.size());
        frontend.setVringBase(index, base);
        frontend.setVringAddr(index, ring.descriptors(), ring.used(), ring.available());
        frontend.setVringCall(index, queue.call.fd());
        frontend.setVringKick(index, queue.kick.fd());
    }

    /** Stops the transmit ring, as a VMM does that pauses. @return where {@link #resumeTransmitting} has to go on */
    public int stopTransmitting() throws IOException {
        return frontend.getVringBase(TRANSMIT);
    }

    public void resumeTransmitting(int base) throws IOException {
        start(TRANSMIT, transmit, base);
    }

    /** Has what is sent discarded, or not any longer. */
    public void enableTransmitting(boolean enabled) throws IOException {
        frontend.setVringEnable(TRANSMIT, enabled);
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
        return memory.isHuge();
    }

    /** The protocol underneath, for tests that leave the beaten track. */
    public VhostUserFrontend protocol() {
        return frontend;
    }

    /** The guest's memory file, for tests that do to it what a hostile VMM would. */
    public Fd memoryFile() {
        return memory.file();
    }

    // ---- receiving

    /** Posts one more receive buffer. It is posted again each time its content has been taken. */
    public void provideRxBuffer(int size) {
        offerRxBuffer(memory.allocate(size), size);
        receive.publish();
    }

    private void offerRxBuffer(long address, int size) {
        DriverRing ring = receive.ring;
        ring.begin();
        ring.add(memory.guestAddress(address), size, true);
        int head = ring.end();
        rxBuffer[head] = address;
        rxBufferSize[head] = size;
    }

    /** @return false if nothing was received within the time */
    public boolean waitForRx(long timeoutMs) throws IOException {
        return receive.awaitUsed(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    }

    /** The next frame received, from its virtio-net header on, put together if it lies in several buffers. */
    public Optional<byte[]> recvPacket() {
        long used = receive.ring.pollUsed();
        if (used == DriverRing.NONE) {
            return Optional.empty();
        }
        byte[] packet = takeRxBuffer(used);
        int buffers = Byte.toUnsignedInt(packet[VirtioNetHeader.NUM_BUFFERS_OFFSET])
                | Byte.toUnsignedInt(packet[VirtioNetHeader.NUM_BUFFERS_OFFSET + 1]) << 8;
        for (int i = 1; i < buffers; i++) {
            used = receive.ring.pollUsed(); // 5.1.6.4.1: all buffers of a frame are used at once
            if (used == DriverRing.NONE) {
                throw new IllegalStateException("only " + i + " of " + buffers + " buffers of a frame came back");
            }
            packet = concatenate(packet, takeRxBuffer(used));
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
        return receive.ring.requestInterrupts(wanted);
    }

    /** Becomes readable with each interrupt. */
    public Fd rxInterrupts() {
        return receive.call.fd();
    }

    private byte[] takeRxBuffer(long used) {
        int head = (int) used;
        int length = (int) (used >>> 32);
        if (length > rxBufferSize[head]) {
            throw new IllegalStateException(length + " bytes in a buffer of " + rxBufferSize[head]);
        }
        byte[] content = new byte[length];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, rxBuffer[head], content, 0, length);
        offerRxBuffer(rxBuffer[head], rxBufferSize[head]);
        return content;
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    // ---- sending

    /** Sends a frame, from its virtio-net header on. @throws IOException if no transmit buffer becomes free in a second */
    public void sendPacket(byte[] packet) throws IOException {
        int parts = Math.max(1, Math.ceilDiv(packet.length, options.bufferSize()));
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        reapTx();
        while (transmit.ring.freeDescriptors() < parts) {
            if (!transmit.awaitUsed(deadlineNs)) {
                throw new IOException("the transmit ring is full");
            }
            reapTx();
        }
        offerTx(packet, parts);
        transmit.publish();
    }

    private void offerTx(byte[] packet, int parts) {
        DriverRing ring = transmit.ring;
        ring.begin();
        for (int i = 0; i < parts; i++) {
            int offset = i * options.bufferSize();
            int length = Math.min(options.bufferSize(), packet.length - offset);
            long buffer = txBuffer[ring.nextDescriptor()];
            MemorySegment.copy(packet, offset, HostMemory.ALL, ValueLayout.JAVA_BYTE, buffer, length);
            ring.add(memory.guestAddress(buffer), length, false);
        }
        ring.end();
        txUnderWay++;
    }

    /** Waits until every frame sent has been completed. @return false if the time was too short */
    public boolean waitForTx(long timeoutMs) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        reapTx();
        while (txUnderWay > 0) {
            if (!transmit.awaitUsed(deadlineNs)) {
                return false;
            }
            reapTx();
        }
        return true;
    }

    private void reapTx() {
        while (transmit.ring.pollUsed() != DriverRing.NONE) {
            txUnderWay--;
        }
    }

    // ---- bulk traffic: no waiting, and no allocation per frame

    /** Sends up to {@code count} times a packet that fits one buffer, as far as the ring has room. @return how often */
    public int sendCopies(byte[] packet, int count) {
        reapTx();
        int sent = 0;
        while (sent < count && transmit.ring.freeDescriptors() > 0) {
            offerTx(packet, 1);
            sent++;
        }
        transmit.publish();
        return sent;
    }

    /** Takes what was received, unseen. @return how many buffers came back */
    public int discardReceived() {
        int count = 0;
        long used = receive.ring.pollUsed();
        while (used != DriverRing.NONE) {
            offerRxBuffer(rxBuffer[(int) used], rxBufferSize[(int) used]);
            count++;
            used = receive.ring.pollUsed();
        }
        if (count > 0) {
            receive.publish();
        }
        return count;
    }

    /** Leaves, as a VMM does that ends: without a word. */
    @Override
    public void close() {
        frontend.close();
        receive.close();
        transmit.close();
        memory.close();
    }
}
