package io.vireo.vhostuser.backend;

import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a session tells what chains are in flight: one buffer at most, however often it is asked for. */
final class SessionInflight {
    private static final Logger LOG = LoggerFactory.getLogger(SessionInflight.class);

    private final VhostUserDevice device;
    private @Nullable InflightBuffer buffer;

    SessionInflight(VhostUserDevice device) {
        this.device = device;
    }

    /** The same as before, if it is for rings of the same kind. */
    InflightBuffer get(Payload.Inflight wanted, boolean packed) throws ProtocolViolation, LinuxException {
        check(wanted, Request.GET_INFLIGHT_FD);
        InflightBuffer known = buffer;
        if (known != null && known.isFor(wanted, packed)) {
            return known;
        }
        InflightBuffer next = InflightBuffer.allocate(wanted.queues(), wanted.queueSize(), packed);
        use(next);
        return next;
    }

    void set(Payload.Inflight place, List<Fd> fds, boolean packed) throws ProtocolViolation, LinuxException {
        if (fds.size() != 1) {
            throw new ProtocolViolation("SET_INFLIGHT_FD with " + fds.size() + " descriptors, expected 1");
        }
        check(place, Request.SET_INFLIGHT_FD);
        InflightBuffer left = InflightBuffer.adopt(place, fds.getFirst(), packed);
        fds.clear();
        use(left);
    }

    private void check(Payload.Inflight place, Request request) throws ProtocolViolation {
        if (place.queues() == 0 || place.queues() > device.queues()) {
            throw new ProtocolViolation(
                    request + " for " + place.queues() + " queues of a device with " + device.queues() + " vrings");
        }
        if (place.queueSize() == 0 || place.queueSize() > device.maxQueueSize()) {
            throw new ProtocolViolation(request + " for queues of " + place.queueSize() + ", up to "
                    + device.maxQueueSize() + " is allowed");
        }
    }

    private void use(@Nullable InflightBuffer next) {
        if (buffer != null) {
            buffer.close();
        }
        buffer = next;
    }

    void started(int queue) {
        write(to -> to.started(queue));
    }

    void stopped(int queue, int base) {
        write(to -> to.stopped(queue, base));
    }

    private interface Change {
        void write(InflightBuffer to) throws LinuxException;
    }

    /** A buffer that cannot be written, as the frontend has sealed it, is as good as none. */
    private void write(Change change) {
        try {
            if (buffer != null) {
                change.write(buffer);
            }
        } catch (LinuxException e) {
            LOG.debug("{}: chains in flight are not tracked any more: {}", device.name(), e.getMessage());
            use(null);
        }
    }

    void close() {
        use(null);
    }
}
