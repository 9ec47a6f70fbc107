package io.vireo.router.reactor;

import io.vireo.router.dataplane.NetPort;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.vhostuser.backend.VhostUserDevice;
import io.vireo.virtqueue.Features;
import net.openhft.chronicle.bytes.Bytes;

/** A port as a vhost-user session sees it: everything that touches rings is asked of the port's reactor. */
public final class NetDevice implements VhostUserDevice {
    /** What is left to be done passes between guests, or is done here; none of it is left undone. */
    private static final long OFFLOADS = Features.NET_CSUM
            | Features.NET_GUEST_CSUM
            | Features.NET_HOST_TSO4
            | Features.NET_HOST_TSO6
            | Features.NET_HOST_ECN
            | Features.NET_HOST_USO
            | Features.NET_GUEST_TSO4
            | Features.NET_GUEST_TSO6
            | Features.NET_GUEST_ECN
            | Features.NET_GUEST_USO4
            | Features.NET_GUEST_USO6;

    private static final long FEATURES = Features.VERSION_1
            | Features.RING_PACKED
            | Features.RING_INDIRECT_DESC
            | Features.RING_EVENT_IDX
            | Features.IN_ORDER
            | Features.NET_MRG_RXBUF
            | Features.NET_MAC
            | Features.NET_MTU
            | Features.NET_STATUS
            | Features.NET_CTRL_VQ
            | Features.NET_CTRL_RX
            | Features.NET_CTRL_RX_EXTRA
            | Features.NET_CTRL_MAC_ADDR;

    private static final int CONFIG_SIZE = 12;
    private static final short STATUS_LINK_UP = 1;

    private final NetPort port;
    private final Reactor reactor;
    private final boolean offloads;
    private final GuestPresence presence;

    /** @param offloads whether the guest may leave checksums and segmentation to others, and is left them */
    public NetDevice(NetPort port, Reactor reactor, boolean offloads, GuestPresence presence) {
        this.port = port;
        this.reactor = reactor;
        this.offloads = offloads;
        this.presence = presence;
    }

    @Override
    public String name() {
        return port.name();
    }

    @Override
    public long features() {
        long features = FEATURES;
        if (offloads) {
            features |= OFFLOADS | Features.NET_CTRL_GUEST_OFFLOADS;
        }
        return port.pairs() > 1 ? features | Features.NET_MQ : features;
    }

    @Override
    public int queues() {
        return 2 * port.pairs() + 1; // with the control queue (virtio 1.3, 5.1.2)
    }

    @Override
    public int maxQueueSize() {
        return NetPort.MAX_QUEUE_SIZE;
    }

    /** {@code struct virtio_net_config}, little endian (virtio 1.3, 5.1.4): mac, status, max_virtqueue_pairs, mtu. */
    @Override
    public byte[] config() {
        byte[] config = new byte[CONFIG_SIZE];
        Bytes<byte[]> out = Bytes.wrapForWrite(config);
        for (int shift = 40; shift >= 0; shift -= 8) {
            out.writeByte((byte) (port.mac() >>> shift));
        }
        out.writeShort(STATUS_LINK_UP).writeShort((short) port.pairs()).writeShort((short) port.mtu());
        return config;
    }

    @Override
    public boolean acceptsMtu(int mtu) {
        return mtu <= port.mtu();
    }

    @Override
    public void startRing(RingSetup setup) {
        reactor.call(() -> {
            reactor.startRing(port, setup);
            return true;
        });
        if (setup.queue() == NetPort.RECEIVE_QUEUE && setup.enabled()) {
            presence.attached();
        }
    }

    @Override
    public void enableRing(int queue, boolean enabled) {
        reactor.call(() -> {
            reactor.enableRing(port, queue, enabled);
            return true;
        });
        if (queue == NetPort.RECEIVE_QUEUE && enabled) {
            presence.attached();
        }
    }

    @Override
    public int stopRing(int queue) {
        return reactor.call(() -> reactor.stopRing(port, queue));
    }

    @Override
    public void reset() {
        presence.detached();
        reactor.call(() -> {
            port.reset();
            return true;
        });
    }
}
