package io.vireo.vhostuser.backend;

import io.vireo.hugepages.GuestMemory;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.Request;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingPlace;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rings of a session: what the frontend told of each, and which of them the device serves. Whatever a ring depends on is
 * changed while it is not served; afterwards it goes on where it stood.
 *
 * <p>A ring that the device failed to stop counts as served: its memory and its descriptors stay.
 */
final class SessionRings {
    private static final Logger LOG = LoggerFactory.getLogger(SessionRings.class);

    /** Of a packed ring's base: the index of the next available descriptor, without its wrap counter. */
    private static final int INDEX_MASK = 0x7fff;

    private final VhostUserDevice device;
    private final List<SessionRing> rings;
    private final SessionInflight inflight;

    private GuestMemory memory = GuestMemory.empty();
    private long features;

    SessionRings(VhostUserDevice device) {
        this.device = device;
        SessionRing[] all = new SessionRing[device.queues()];
        Arrays.setAll(all, SessionRing::new);
        rings = List.of(all);
        inflight = new SessionInflight(device);
    }

    int count() {
        return rings.size();
    }

    SessionRing ring(int index) throws ProtocolViolation {
        if (index < 0 || index >= rings.size()) {
            throw new ProtocolViolation(
                    "vring " + Integer.toUnsignedString(index) + " of a device with " + rings.size() + " vrings");
        }
        return rings.get(index);
    }

    private SessionRing stoppedRing(int index, Request request) throws ProtocolViolation {
        SessionRing ring = ring(index);
        if (ring.started) {
            throw new ProtocolViolation(request + " while ring " + index + " runs");
        }
        return ring;
    }

    // ---- what the frontend tells

    void setSize(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = stoppedRing(state.index(), Request.SET_VRING_NUM);
        int size = state.value();
        if (size <= 0 || size > device.maxQueueSize() || Integer.bitCount(size) != 1) {
            throw new ProtocolViolation("SET_VRING_NUM of %d, a power of two up to %d is allowed"
                    .formatted(Integer.toUnsignedLong(size), device.maxQueueSize()));
        }
        ring.size = size;
    }

    void setBase(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = stoppedRing(state.index(), Request.SET_VRING_BASE);
        if (!isPacked() && (state.value() & ~0xffff) != 0) {
            throw new ProtocolViolation(
                    "SET_VRING_BASE of " + Integer.toUnsignedString(state.value()) + ", at most 65535 is allowed");
        }
        ring.base = state.value();
    }

    void setAddress(Payload.VringAddress address) throws ProtocolViolation {
        SessionRing ring = ring(address.index());
        change(List.of(ring), () -> ring.address = address);
    }

    void setFeatures(long chosen) throws ProtocolViolation {
        change(rings, () -> features = chosen);
    }

    void enable(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = ring(state.index());
        if ((state.value() & ~1) != 0) {
            throw new ProtocolViolation("SET_VRING_ENABLE of " + Integer.toUnsignedString(state.value()));
        }
        ring.enabled = state.value() == 1;
        if (ring.served) {
            device.enableRing(ring.index, ring.enabled);
        }
    }

    /** Starts a ring, anew if it was started before, after its kick descriptor has been changed. */
    void start(SessionRing ring, Runnable change) throws ProtocolViolation {
        suspend(ring);
        ring.started = false;
        change.run();
        if ((features & Features.VHOST_USER_PROTOCOL_FEATURES) == 0) {
            ring.enabled = true; // without the feature there is no SET_VRING_ENABLE
        }
        serve(ring);
    }

    /** @return where it stands */
    Payload.VringState stop(Payload.VringState state) throws ProtocolViolation {
        SessionRing ring = ring(state.index());
        suspend(ring);
        ring.started = false;
        ring.kick(null);
        ring.call(null);
        return new Payload.VringState(ring.index, ring.base);
    }

    /** Changes what rings depend on, while none of them is served. */
    void change(List<SessionRing> affected, Runnable change) throws ProtocolViolation {
        List<SessionRing> running =
                affected.stream().filter(ring -> ring.served).toList();
        suspend(affected);
        change.run();
        for (SessionRing ring : affected) {
            resume(ring, !running.contains(ring));
        }
    }

    /**
     * From now on rings lie in other memory.
     *
     * @param mayWait whether a ring that is not in it waits until it is, as it may while memory changes piece by piece
     * @param change disposes of the memory before: nothing of it is touched any more
     */
    void setMemory(GuestMemory next, boolean mayWait, Runnable change) throws ProtocolViolation {
        suspend(rings);
        memory = next;
        change.run();
        for (SessionRing ring : rings) {
            resume(ring, mayWait);
        }
    }

    /** Where it is told what chains are in flight. */
    InflightBuffer inflight(Payload.Inflight wanted) throws ProtocolViolation, LinuxException {
        InflightBuffer buffer = inflight.get(wanted, isPacked());
        noteServed();
        return buffer;
    }

    void setInflight(Payload.Inflight place, List<Fd> fds) throws ProtocolViolation, LinuxException {
        inflight.set(place, fds, isPacked());
        noteServed();
    }

    private void noteServed() {
        rings.stream().filter(ring -> ring.served).forEach(ring -> inflight.started(ring.index));
    }

    /** Forgets what the driver set up. */
    void reset() {
        suspend(rings);
        rings.forEach(SessionRing::reset);
        device.reset();
    }

    /** The frontend has left. */
    void close() {
        reset();
        rings.forEach(ring -> ring.error(null));
        inflight.close();
    }

    // ---- what the device does

    /** The last first, and they go on in the other order: what a transmit ring causes finds the receive ring before it. */
    private void suspend(List<SessionRing> affected) {
        affected.reversed().forEach(this::suspend);
    }

    private void suspend(SessionRing ring) {
        if (ring.served) {
            ring.base = device.stopRing(ring.index);
            ring.served = false;
            inflight.stopped(ring.index, ring.base);
        }
    }

    private void resume(SessionRing ring, boolean mayWait) throws ProtocolViolation {
        if (ring.started && !(mayWait && isAway(ring))) {
            serve(ring);
        }
    }

    private boolean isAway(SessionRing ring) {
        try {
            return ring.address == null || locate(ring.size, ring.address).size() == 0;
        } catch (IllegalArgumentException e) {
            LOG.debug("{}: {} waits: {}", device.name(), ring, e.getMessage());
            return true;
        }
    }

    private void serve(SessionRing ring) throws ProtocolViolation {
        Payload.VringAddress address = ring.address;
        if (ring.size == 0 || address == null) {
            throw new ProtocolViolation(ring + " was started before its size and addresses were told");
        }
        if ((features & Features.VERSION_1) == 0) {
            throw new ProtocolViolation(ring + " was started without VIRTIO_F_VERSION_1, which is required");
        }
        if (isPacked() && (ring.base & INDEX_MASK) >= ring.size) {
            throw new ProtocolViolation(
                    "%s was started at descriptor %d of %d".formatted(ring, ring.base & INDEX_MASK, ring.size));
        }
        RingPlace place;
        try {
            place = locate(ring.size, address);
        } catch (IllegalArgumentException e) {
            throw new ProtocolViolation(ring + ": " + e.getMessage(), e);
        }
        inflight.started(ring.index);
        ring.started = true;
        ring.served = true; // even if it fails: then it may run nevertheless, and is stopped before memory is unmapped
        device.startRing(new RingSetup(
                ring.index, memory, place, ring.base, features, ring.enabled, ring.kick, ring.call, ring.error));
    }

    private boolean isPacked() {
        return (features & Features.RING_PACKED) != 0;
    }

    private RingPlace locate(int size, Payload.VringAddress at) {
        return isPacked()
                ? RingPlace.packed(memory, size, at.descriptors(), at.available(), at.used())
                : RingPlace.split(memory, size, at.descriptors(), at.available(), at.used());
    }
}
