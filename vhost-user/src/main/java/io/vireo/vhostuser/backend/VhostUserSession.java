package io.vireo.vhostuser.backend;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.GuestMemoryException;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingPlace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frontend's connection from its first byte to its end: the protocol's state machine. Confined to the thread that calls
 * {@link #run}; owns the guest's memory and every descriptor received. One file, as the state and the messages that change it
 * are read together.
 */
final class VhostUserSession {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserSession.class);

    static final long PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.MTU
            | ProtocolFeatures.BACKEND_REQ
            | ProtocolFeatures.CONFIG
            | ProtocolFeatures.RESET_DEVICE
            | ProtocolFeatures.STATUS;

    private static final long VRING_INDEX_MASK = 0xff;
    private static final long VRING_NO_FD = 0x100;
    /** Of a packed ring's base: the index of the next available descriptor, without its wrap counter. */
    private static final int INDEX_MASK = 0x7fff;

    private final VhostUserChannel channel;
    private final VhostUserDevice device;
    private final SessionRing[] rings;

    private GuestMemory memory = GuestMemory.empty();
    private long features;
    private long protocolFeatures;
    private int status;
    private @Nullable Fd backendChannel;

    VhostUserSession(VhostUserChannel channel, VhostUserDevice device) {
        this.channel = channel;
        this.device = device;
        rings = new SessionRing[device.queues()];
        Arrays.setAll(rings, i -> new SessionRing());
    }

    /** Serves the frontend until it leaves. Whatever the reason, all that it brought is released afterwards. */
    void run() throws IOException {
        try {
            VhostUserMessage message = channel.receive();
            while (message != null) {
                serve(message);
                message = channel.receive();
            }
        } finally {
            release();
        }
    }

    private void release() {
        resetRings();
        for (SessionRing ring : rings) {
            ring.error(null);
        }
        if (backendChannel != null) {
            backendChannel.close();
        }
        memory.close();
        channel.close();
    }

    private void serve(VhostUserMessage message) throws IOException {
        LOG.debug("{}: {}, {} bytes", device.name(), message.name(), message.payload().length);
        List<Fd> unclaimed = new ArrayList<>(message.fds());
        try {
            Request request = Request.of(message.request());
            if (request == null) {
                refuse(message);
                return;
            }
            byte[] answer = handle(request, message, unclaimed);
            if (answer != null) {
                channel.send(message.reply(answer));
            } else if (message.needsReply() && has(ProtocolFeatures.REPLY_ACK)) {
                channel.send(message.reply(Payload.u64(0)));
            }
        } catch (GuestMemoryException e) {
            throw new ProtocolViolation(message.name() + ": " + e.getMessage(), e);
        } finally {
            unclaimed.forEach(Fd::close);
        }
    }

    /** An unknown request: refused where the frontend waits for an answer, else there is no way to go on. */
    private void refuse(VhostUserMessage message) throws IOException {
        if (!message.needsReply() || !has(ProtocolFeatures.REPLY_ACK)) {
            throw new ProtocolViolation("unknown " + message.name());
        }
        LOG.warn("{}: refused unknown {}", device.name(), message.name());
        channel.send(message.reply(Payload.u64(1)));
    }

    private boolean has(long protocolFeature) {
        return (protocolFeatures & protocolFeature) != 0;
    }

    /** @return the answer of a request that has one of its own, else null */
    private byte @Nullable [] handle(Request request, VhostUserMessage message, List<Fd> fds) throws IOException {
        switch (request) {
            case GET_FEATURES -> {
                Payload.expectNone(message);
                return Payload.u64(offeredFeatures());
            }
            case SET_FEATURES -> setFeatures(Payload.readU64(message));
            case GET_PROTOCOL_FEATURES -> {
                Payload.expectNone(message);
                return Payload.u64(PROTOCOL_FEATURES);
            }
            case SET_PROTOCOL_FEATURES -> setProtocolFeatures(Payload.readU64(message));
            case SET_OWNER -> Payload.expectNone(message);
            case RESET_OWNER -> {
                Payload.expectNone(message);
                resetRings();
            }
            case GET_QUEUE_NUM -> {
                Payload.expectNone(message);
                return Payload.u64(rings.length);
            }
            case SET_MEM_TABLE -> setMemoryTable(Payload.readMemoryTable(message), fds);
            case SET_VRING_NUM -> setSize(Payload.VringState.read(message));
            case SET_VRING_ADDR -> setAddress(Payload.VringAddress.read(message));
            case SET_VRING_BASE -> setBase(Payload.VringState.read(message));
            case GET_VRING_BASE -> {
                return stop(Payload.VringState.read(message)).write();
            }
            case SET_VRING_KICK -> setKick(message, fds);
            case SET_VRING_CALL -> {
                SessionRing ring = ring(ringOf(message));
                NotifyFd call = notification(message, fds);
                whileStopped(List.of(ring), () -> ring.call(call));
            }
            case SET_VRING_ERR -> {
                SessionRing ring = ring(ringOf(message));
                NotifyFd error = notification(message, fds);
                whileStopped(List.of(ring), () -> ring.error(error));
            }
            case SET_VRING_ENABLE -> enable(Payload.VringState.read(message));
            case NET_SET_MTU -> setMtu(Payload.readU64(message));
            case SET_BACKEND_REQ_FD -> {
                Payload.expectNone(message);
                setBackendChannel(fds);
            }
            case GET_CONFIG -> {
                return config(Payload.Config.read(message)).write();
            }
            case SET_CONFIG -> throw new ProtocolViolation("SET_CONFIG of a configuration space that is read-only");
            case RESET_DEVICE -> {
                Payload.expectNone(message);
                resetDevice();
            }
            case SET_STATUS -> setStatus(Payload.readU64(message));
            case GET_STATUS -> {
                Payload.expectNone(message);
                return Payload.u64(status);
            }
        }
        return null;
    }

    private long offeredFeatures() {
        return device.features() | Features.VHOST_USER_PROTOCOL_FEATURES;
    }

    private void setFeatures(long chosen) throws IOException {
        long surplus = chosen & ~offeredFeatures();
        if (surplus != 0) {
            throw new ProtocolViolation("SET_FEATURES with 0x%x, which was never offered".formatted(surplus));
        }
        LOG.debug("{}: features 0x{}", device.name(), Long.toHexString(chosen));
        whileStopped(List.of(rings), () -> features = chosen);
    }

    private void setProtocolFeatures(long chosen) throws ProtocolViolation {
        long surplus = chosen & ~PROTOCOL_FEATURES;
        if (surplus != 0) {
            throw new ProtocolViolation("SET_PROTOCOL_FEATURES with 0x%x, which was never offered".formatted(surplus));
        }
        protocolFeatures = chosen;
    }

    private void setMemoryTable(List<MemoryRegion> table, List<Fd> fds) throws IOException {
        List<Fd> files = List.copyOf(fds);
        fds.clear(); // the memory's from here on, whether it can be mapped or not
        GuestMemory next = GuestMemory.map(table, files);
        GuestMemory previous = memory;
        try {
            whileStopped(List.of(rings), () -> memory = next);
        } finally {
            previous.close(); // every ring is stopped, or started again on the new memory
        }
    }

    private void setSize(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = stoppedRing(state.index(), Request.SET_VRING_NUM);
        int size = state.value();
        if (size <= 0 || size > device.maxQueueSize() || Integer.bitCount(size) != 1) {
            throw new ProtocolViolation("SET_VRING_NUM of %d, a power of two up to %d is allowed"
                    .formatted(Integer.toUnsignedLong(size), device.maxQueueSize()));
        }
        ring.size = size;
    }

    private void setAddress(Payload.VringAddress address) throws IOException {
        SessionRing ring = ring(address.index());
        whileStopped(List.of(ring), () -> ring.address = address);
    }

    private void setBase(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = stoppedRing(state.index(), Request.SET_VRING_BASE);
        if (!isPacked() && (state.value() & ~0xffff) != 0) {
            throw new ProtocolViolation(
                    "SET_VRING_BASE of " + Integer.toUnsignedString(state.value()) + ", at most 65535 is allowed");
        }
        ring.base = state.value();
    }

    private Payload.VringState stop(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = ring(state.index());
        stop(ring);
        ring.kick(null);
        ring.call(null);
        return new Payload.VringState(state.index(), ring.base);
    }

    private void setKick(VhostUserMessage message, List<Fd> fds) throws IOException {
        SessionRing ring = ring(ringOf(message));
        Fd kick = descriptor(message, fds);
        if (kick != null && FileStatus.of(kick).kind() != FileStatus.Kind.EVENTFD) {
            fds.add(kick);
            throw new ProtocolViolation("SET_VRING_KICK with a descriptor that is no eventfd");
        }
        stop(ring);
        ring.kick(kick);
        if ((features & Features.VHOST_USER_PROTOCOL_FEATURES) == 0) {
            ring.enabled = true; // without the feature there is no SET_VRING_ENABLE
        }
        start(ring);
    }

    private void enable(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = ring(state.index());
        if ((state.value() & ~1) != 0) {
            throw new ProtocolViolation("SET_VRING_ENABLE of " + Integer.toUnsignedString(state.value()));
        }
        ring.enabled = state.value() == 1;
        if (ring.started) {
            device.enableRing(state.index(), ring.enabled);
        }
    }

    private void setMtu(long mtu) throws ProtocolViolation {
        if (mtu < 0 || mtu > 65_535 || !device.acceptsMtu((int) mtu)) {
            throw new ProtocolViolation("NET_SET_MTU of " + Long.toUnsignedString(mtu) + ", more than the port's");
        }
    }

    private void setBackendChannel(List<Fd> fds) throws IOException {
        if (fds.size() != 1) {
            throw new ProtocolViolation("SET_BACKEND_REQ_FD with " + fds.size() + " descriptors, expected 1");
        }
        if (FileStatus.of(fds.getFirst()).kind() != FileStatus.Kind.SOCKET) {
            throw new ProtocolViolation("SET_BACKEND_REQ_FD with a descriptor that is no socket");
        }
        if (backendChannel != null) {
            backendChannel.close();
        }
        backendChannel = fds.removeFirst();
    }

    private Payload.Config config(Payload.Config wanted) {
        byte[] all = Arrays.copyOf(device.config(), Payload.MAX_CONFIG);
        int end = wanted.offset() + wanted.data().length;
        return new Payload.Config(wanted.offset(), wanted.flags(), Arrays.copyOfRange(all, wanted.offset(), end));
    }

    /** The driver's view of the device (virtio 1.3, 2.1); zero is a reset of the device. */
    private void setStatus(long value) throws ProtocolViolation {
        if ((value & ~0xffL) != 0) {
            throw new ProtocolViolation("SET_STATUS of 0x%x".formatted(value));
        }
        status = (int) value;
        if (status == 0) {
            resetRings();
        }
    }

    /** Back to where a driver begins. Memory is the frontend's, not the driver's: it is told once and stays. */
    private void resetDevice() {
        resetRings();
        features = 0;
        status = 0;
    }

    private void resetRings() {
        for (SessionRing ring : rings) {
            stop(ring);
            ring.reset();
        }
        device.reset();
    }

    private void stop(SessionRing ring) {
        if (ring.started) {
            ring.started = false;
            ring.base = device.stopRing(indexOf(ring));
        }
    }

    private void start(SessionRing ring) throws ProtocolViolation {
        String name = "ring " + indexOf(ring);
        if (ring.size == 0 || ring.address == null) {
            throw new ProtocolViolation(name + " was started before its size and addresses were told");
        }
        if ((features & Features.VERSION_1) == 0) {
            throw new ProtocolViolation(name + " was started without VIRTIO_F_VERSION_1, which is required");
        }
        if (isPacked() && (ring.base & INDEX_MASK) >= ring.size) {
            throw new ProtocolViolation(
                    "%s was started at descriptor %d of %d".formatted(name, ring.base & INDEX_MASK, ring.size));
        }
        RingPlace place;
        try {
            place = locate(ring.size, ring.address);
        } catch (IllegalArgumentException e) {
            throw new ProtocolViolation(name + ": " + e.getMessage(), e);
        }
        ring.started = true; // even if it fails: then it may run nevertheless, and is stopped before memory is unmapped
        device.startRing(new RingSetup(
                indexOf(ring), memory, place, ring.base, features, ring.enabled, ring.kick, ring.call, ring.error));
    }

    private RingPlace locate(int size, Payload.VringAddress at) {
        return isPacked()
                ? RingPlace.packed(memory, size, at.descriptors(), at.available(), at.used())
                : RingPlace.split(memory, size, at.descriptors(), at.available(), at.used());
    }

    private boolean isPacked() {
        return (features & Features.RING_PACKED) != 0;
    }

    /** Changes what rings depend on: those that run are stopped before and started again afterwards, at the same index. */
    private void whileStopped(List<SessionRing> affected, Runnable change) throws ProtocolViolation {
        List<SessionRing> running =
                affected.stream().filter(ring -> ring.started).toList();
        running.forEach(this::stop);
        change.run();
        for (SessionRing ring : running) {
            start(ring);
        }
    }

    private SessionRing ring(int index) throws ProtocolViolation {
        if (index < 0 || index >= rings.length) {
            throw new ProtocolViolation(
                    "vring " + Integer.toUnsignedString(index) + " of a device with " + rings.length + " vrings");
        }
        return rings[index];
    }

    private SessionRing stoppedRing(int index, Request request) throws ProtocolViolation {
        SessionRing ring = ring(index);
        if (ring.started) {
            throw new ProtocolViolation(request + " while ring " + index + " runs");
        }
        return ring;
    }

    private int indexOf(SessionRing ring) {
        return Arrays.asList(rings).indexOf(ring);
    }

    private static int ringOf(VhostUserMessage message) throws ProtocolViolation {
        long value = Payload.readU64(message);
        if ((value & ~(VRING_INDEX_MASK | VRING_NO_FD)) != 0) {
            throw new ProtocolViolation(message.name() + " of 0x%x".formatted(value));
        }
        return (int) (value & VRING_INDEX_MASK);
    }

    /** Claims the one descriptor of a message, or none if the message says so. */
    private static @Nullable Fd descriptor(VhostUserMessage message, List<Fd> fds) throws ProtocolViolation {
        boolean none = (Payload.readU64(message) & VRING_NO_FD) != 0;
        if (fds.size() != (none ? 0 : 1)) {
            throw new ProtocolViolation(
                    message.name() + " with " + fds.size() + " descriptors, expected " + (none ? 0 : 1));
        }
        return none ? null : fds.removeFirst();
    }

    private static @Nullable NotifyFd notification(VhostUserMessage message, List<Fd> fds) throws IOException {
        Fd fd = descriptor(message, fds);
        if (fd == null) {
            return null;
        }
        try {
            return NotifyFd.of(fd, message.name());
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }
}
