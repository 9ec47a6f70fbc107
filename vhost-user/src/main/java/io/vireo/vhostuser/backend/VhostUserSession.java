package io.vireo.vhostuser.backend;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.GuestMemoryException;
import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frontend's connection from its first byte to its end: the protocol's state machine. Confined to the thread that calls
 * {@link #run}; owns the guest's memory and every descriptor received. Here is what the frontend says and is answered;
 * {@link SessionRings} and {@link SessionMemory} know what follows.
 */
final class VhostUserSession {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserSession.class);

    static final long PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.MTU
            | ProtocolFeatures.BACKEND_REQ
            | ProtocolFeatures.CONFIG
            | ProtocolFeatures.INFLIGHT_SHMFD
            | ProtocolFeatures.RESET_DEVICE
            | ProtocolFeatures.CONFIGURE_MEM_SLOTS
            | ProtocolFeatures.STATUS;

    private final VhostUserChannel channel;
    private final VhostUserDevice device;
    private final GuestLog log;
    private final @Nullable Succession succession;
    private final SessionRings rings;
    private final SessionMemory memory;

    private long protocolFeatures;
    private int status;
    private boolean owned;
    private @Nullable Fd backendChannel;

    /** @param succession if others may take the frontend's place */
    VhostUserSession(VhostUserChannel channel, VhostUserDevice device, GuestLog log, @Nullable Succession succession) {
        this.channel = channel;
        this.device = device;
        this.log = log;
        this.succession = succession;
        rings = new SessionRings(device);
        memory = new SessionMemory(rings);
    }

    /** Serves the frontend until it leaves. Whatever the reason, all that it brought is released afterwards. */
    void run() throws IOException {
        try {
            VhostUserMessage message = channel.receive(this::await);
            while (message != null) {
                serve(message);
                message = channel.receive(this::await);
            }
        } finally {
            release();
        }
    }

    /**
     * A frontend that owns the device may be silent for ever: its guest need not have a driver. One that has not come so far
     * gives way to another one.
     */
    private void await(UnixSocket socket) throws IOException {
        if (!owned && succession != null) {
            succession.await(socket);
        }
    }

    private void release() {
        try (channel) {
            if (backendChannel != null) {
                backendChannel.close();
            }
            rings.close();
            memory.close(); // only then: a ring that could not be stopped may still be served
        }
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
            VhostUserMessage answer = handle(request, message, unclaimed);
            if (answer != null) {
                channel.send(answer);
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
        log.warn("refused unknown " + message.name());
        channel.send(message.reply(Payload.u64(1)));
    }

    private boolean has(long protocolFeature) {
        return (protocolFeatures & protocolFeature) != 0;
    }

    /** @return the answer of a request that has one of its own, else null */
    private @Nullable VhostUserMessage handle(Request request, VhostUserMessage message, List<Fd> fds)
            throws IOException {
        switch (request) {
            case GET_FEATURES -> {
                Payload.expectNone(message);
                return message.reply(Payload.u64(offeredFeatures()));
            }
            case SET_FEATURES -> setFeatures(Payload.readU64(message));
            case GET_PROTOCOL_FEATURES -> {
                Payload.expectNone(message);
                return message.reply(Payload.u64(PROTOCOL_FEATURES));
            }
            case SET_PROTOCOL_FEATURES -> setProtocolFeatures(Payload.readU64(message));
            case SET_OWNER -> {
                Payload.expectNone(message);
                owned = true;
            }
            case SET_LOG_BASE, SET_LOG_FD ->
                throw new ProtocolViolation(request + ", but logging of a migration is not offered");
            case RESET_OWNER -> {
                Payload.expectNone(message);
                rings.reset();
            }
            case GET_QUEUE_NUM -> {
                Payload.expectNone(message);
                return message.reply(Payload.u64(rings.count()));
            }
            case SET_MEM_TABLE -> memory.setTable(Payload.readMemoryTable(message), fds);
            case GET_MAX_MEM_SLOTS -> {
                Payload.expectNone(message);
                return message.reply(Payload.u64(GuestMemory.MAX_REGIONS));
            }
            case ADD_MEM_REG -> memory.add(Payload.readMemoryRegion(message), fds);
            case REM_MEM_REG -> memory.remove(Payload.readMemoryRegion(message), fds);
            case SET_VRING_NUM -> rings.setSize(Payload.VringState.read(message));
            case SET_VRING_ADDR -> rings.setAddress(Payload.VringAddress.read(message));
            case SET_VRING_BASE -> rings.setBase(Payload.VringState.read(message));
            case GET_VRING_BASE -> {
                return message.reply(
                        rings.stop(Payload.VringState.read(message)).write());
            }
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> setDescriptor(request, message, fds);
            case SET_VRING_ENABLE -> rings.enable(Payload.VringState.read(message));
            case NET_SET_MTU -> setMtu(Payload.readU64(message));
            case SET_BACKEND_REQ_FD -> {
                Payload.expectNone(message);
                setBackendChannel(fds);
            }
            case GET_CONFIG -> {
                return message.reply(config(Payload.Config.read(message)).write());
            }
            case SET_CONFIG -> throw new ProtocolViolation("SET_CONFIG of a configuration space that is read-only");
            case GET_INFLIGHT_FD -> {
                InflightBuffer buffer = rings.inflight(Payload.Inflight.read(message));
                return message.reply(buffer.place().write()).withFds(List.of(buffer.file()));
            }
            case SET_INFLIGHT_FD -> rings.setInflight(Payload.Inflight.read(message), fds);
            case RESET_DEVICE -> {
                Payload.expectNone(message);
                resetDevice();
            }
            case SET_STATUS -> setStatus(Payload.readU64(message));
            case GET_STATUS -> {
                Payload.expectNone(message);
                return message.reply(Payload.u64(status));
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
        rings.setFeatures(chosen);
    }

    private void setProtocolFeatures(long chosen) throws ProtocolViolation {
        long surplus = chosen & ~PROTOCOL_FEATURES;
        if (surplus != 0) {
            throw new ProtocolViolation("SET_PROTOCOL_FEATURES with 0x%x, which was never offered".formatted(surplus));
        }
        protocolFeatures = chosen;
    }

    private void setDescriptor(Request request, VhostUserMessage message, List<Fd> fds) throws IOException {
        SessionRing ring = rings.ring(VringFd.index(message));
        if (request == Request.SET_VRING_KICK) {
            Fd kick = VringFd.kick(message);
            rings.start(ring, () -> {
                fds.clear();
                ring.kick(kick);
            });
            return;
        }
        NotifyFd fd = VringFd.notification(message);
        rings.change(List.of(ring), () -> {
            fds.clear();
            if (request == Request.SET_VRING_CALL) {
                ring.call(fd);
            } else {
                ring.error(fd);
            }
        });
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
            throw new ProtocolViolation("SET_BACKEND_REQ_FD with a descriptor that is no Unix socket");
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
            rings.reset();
        }
    }

    /** Back to where a driver begins. Memory is the frontend's, not the driver's: it is told once and stays. */
    private void resetDevice() throws ProtocolViolation {
        rings.reset();
        rings.setFeatures(0);
        status = 0;
    }
}
