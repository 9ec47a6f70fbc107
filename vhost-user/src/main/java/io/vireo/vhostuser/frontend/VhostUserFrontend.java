package io.vireo.vhostuser.frontend;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.VhostUserMessage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to a backend. Confined to one thread. Once REPLY_ACK is chosen, every request waits until the backend has
 * acknowledged it.
 */
public final class VhostUserFrontend implements AutoCloseable {
    private static final long NO_FD = 0x100;

    private final VhostUserChannel channel;
    private boolean acknowledged;

    private VhostUserFrontend(VhostUserChannel channel) {
        this.channel = channel;
    }

    public static VhostUserFrontend connect(Path path) throws IOException {
        return new VhostUserFrontend(new VhostUserChannel(UnixSocket.connect(path)));
    }

    /** To a backend that has connected, whose end of the connection becomes this object's. */
    public static VhostUserFrontend on(UnixSocket accepted) {
        return new VhostUserFrontend(new VhostUserChannel(accepted));
    }

    public long getFeatures() throws IOException {
        return askU64(Request.GET_FEATURES);
    }

    public void setFeatures(long features) throws IOException {
        tell(VhostUserMessage.of(Request.SET_FEATURES, Payload.u64(features)));
    }

    public long getProtocolFeatures() throws IOException {
        return askU64(Request.GET_PROTOCOL_FEATURES);
    }

    public void setProtocolFeatures(long features) throws IOException {
        tell(VhostUserMessage.of(Request.SET_PROTOCOL_FEATURES, Payload.u64(features)));
        acknowledged = (features & ProtocolFeatures.REPLY_ACK) != 0;
    }

    public long getQueueNum() throws IOException {
        return askU64(Request.GET_QUEUE_NUM);
    }

    public void setOwner() throws IOException {
        tell(VhostUserMessage.of(Request.SET_OWNER, new byte[0]));
    }

    public void setMemTable(List<MemoryRegion> table, List<Fd> files) throws IOException {
        tell(VhostUserMessage.of(Request.SET_MEM_TABLE, Payload.memoryTable(table))
                .withFds(files));
    }

    public void setVringNum(int index, int size) throws IOException {
        tell(VhostUserMessage.of(Request.SET_VRING_NUM, new Payload.VringState(index, size).write()));
    }

    public void setVringAddr(int index, long descriptors, long used, long available) throws IOException {
        byte[] payload = new Payload.VringAddress(index, descriptors, used, available).write();
        tell(VhostUserMessage.of(Request.SET_VRING_ADDR, payload));
    }

    public void setVringBase(int index, int base) throws IOException {
        tell(VhostUserMessage.of(Request.SET_VRING_BASE, new Payload.VringState(index, base).write()));
    }

    /** Stops a ring. @return its next available index */
    public int getVringBase(int index) throws IOException {
        VhostUserMessage message =
                VhostUserMessage.of(Request.GET_VRING_BASE, new Payload.VringState(index, 0).write());
        return Payload.VringState.read(ask(message)).value();
    }

    public void setVringKick(int index, @Nullable Fd kick) throws IOException {
        tell(withDescriptor(Request.SET_VRING_KICK, index, kick));
    }

    public void setVringCall(int index, @Nullable Fd call) throws IOException {
        tell(withDescriptor(Request.SET_VRING_CALL, index, call));
    }

    public void setVringErr(int index, @Nullable Fd error) throws IOException {
        tell(withDescriptor(Request.SET_VRING_ERR, index, error));
    }

    public void setVringEnable(int index, boolean enabled) throws IOException {
        byte[] payload = new Payload.VringState(index, enabled ? 1 : 0).write();
        tell(VhostUserMessage.of(Request.SET_VRING_ENABLE, payload));
    }

    public byte[] getConfig(int offset, int length) throws IOException {
        byte[] payload = new Payload.Config(offset, 0, new byte[length]).write();
        return Payload.Config.read(ask(VhostUserMessage.of(Request.GET_CONFIG, payload)))
                .data();
    }

    public void setMtu(int mtu) throws IOException {
        tell(VhostUserMessage.of(Request.NET_SET_MTU, Payload.u64(mtu)));
    }

    public void setStatus(int status) throws IOException {
        tell(VhostUserMessage.of(Request.SET_STATUS, Payload.u64(status)));
    }

    public long getStatus() throws IOException {
        return askU64(Request.GET_STATUS);
    }

    public long getMaxMemorySlots() throws IOException {
        return askU64(Request.GET_MAX_MEM_SLOTS);
    }

    public void addMemoryRegion(MemoryRegion region, Fd file) throws IOException {
        tell(VhostUserMessage.of(Request.ADD_MEM_REG, Payload.memoryRegion(region))
                .withFds(List.of(file)));
    }

    public void removeMemoryRegion(MemoryRegion region) throws IOException {
        tell(VhostUserMessage.of(Request.REM_MEM_REG, Payload.memoryRegion(region)));
    }

    /** @return an answer whose payload is a {@link Payload.Inflight}, with one descriptor, which is the caller's */
    public VhostUserMessage getInflight(int queues, int queueSize) throws IOException {
        byte[] payload = new Payload.Inflight(0, 0, queues, queueSize).write();
        return ask(VhostUserMessage.of(Request.GET_INFLIGHT_FD, payload));
    }

    public void setInflight(Payload.Inflight place, Fd file) throws IOException {
        tell(VhostUserMessage.of(Request.SET_INFLIGHT_FD, place.write()).withFds(List.of(file)));
    }

    public void resetDevice() throws IOException {
        tell(VhostUserMessage.of(Request.RESET_DEVICE, new byte[0]));
    }

    private static VhostUserMessage withDescriptor(Request request, int index, @Nullable Fd fd) {
        return fd == null
                ? VhostUserMessage.of(request, Payload.u64(index | NO_FD))
                : VhostUserMessage.of(request, Payload.u64(index)).withFds(List.of(fd));
    }

    private long askU64(Request request) throws IOException {
        return Payload.readU64(ask(VhostUserMessage.of(request, new byte[0])));
    }

    /** Sends a request that has no answer of its own, and waits for its acknowledgement if that was negotiated. */
    public void tell(VhostUserMessage message) throws IOException {
        if (!acknowledged) {
            channel.send(message);
            return;
        }
        long result = Payload.readU64(ask(message.withFlags(VhostUserMessage.FLAG_NEED_REPLY)));
        if (result != 0) {
            throw new ProtocolViolation("the backend refused " + message.name() + " with " + result);
        }
    }

    /** Sends a request and waits for its answer. @throws EOFException if the backend closed the session instead */
    public VhostUserMessage ask(VhostUserMessage message) throws IOException {
        channel.send(message);
        VhostUserMessage reply = channel.receive();
        if (reply == null) {
            throw new EOFException("the backend closed the session at " + message.name());
        }
        if (reply.request() != message.request()) {
            reply.closeFds();
            throw new ProtocolViolation("the backend answered " + message.name() + " with " + reply.name());
        }
        return reply;
    }

    @Override
    public void close() {
        channel.close();
    }
}
