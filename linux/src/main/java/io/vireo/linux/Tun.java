package io.vireo.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * One queue of a network interface of the kernel whose other end is this process (Documentation/networking/tuntap in the
 * kernel's source): what the kernel routes there is read here, IP packets behind a virtio-net header of {@link
 * #HEADER_SIZE} bytes, little endian; what is written is received by the kernel. The interface is gone with its last
 * queue, unless it was there before. Reads and writes do not block: {@link PacketIo}, {@link IoUring}.
 */
public final class Tun implements AutoCloseable {
    /** Bytes of struct virtio_net_hdr_mrg_rxbuf. */
    public static final int HEADER_SIZE = 12;

    // linux/if_tun.h: what the kernel may leave to be done
    private static final int CHECKSUM = 1;
    private static final int TSO4 = 2;
    private static final int TSO6 = 4;
    private static final int TSO_ECN = 8;
    private static final int USO4 = 0x20;
    private static final int USO6 = 0x40;
    private static final int OFFLOADS = CHECKSUM | TSO4 | TSO6 | TSO_ECN;

    private static final short FLAGS =
            (short) (TunDriver.IFF_TUN | TunDriver.IFF_MULTI_QUEUE | TunDriver.IFF_NO_PI | TunDriver.IFF_VNET_HDR);

    private final Fd fd;
    private final String name;
    private final boolean segmentsDatagrams;

    private Tun(Fd fd, String name, boolean segmentsDatagrams) {
        this.fd = fd;
        this.name = name;
        this.segmentsDatagrams = segmentsDatagrams;
    }

    /**
     * Makes an interface, which is down, in the calling thread's network namespace; takes CAP_NET_ADMIN. Or takes one that
     * an administrator made to stay (for multiple queues, and for this user, who then needs no privilege).
     *
     * @param name at most 15 ASCII characters; in a name with {@code %d} the kernel puts the first free number there
     * @return its queues; the kernel deals the flows that it sends to them, and a flow's answers to where the flow came from
     * @throws LinuxException with EBUSY if another process made it and has it, EINVAL if it is no TUN of multiple queues
     */
    public static List<Tun> open(String name, int queues) throws LinuxException {
        List<Tun> opened = new ArrayList<>();
        try {
            opened.add(first(name));
            while (opened.size() < queues) {
                opened.add(queue(opened.getFirst().name, FLAGS));
            }
            return opened;
        } catch (LinuxException | RuntimeException e) {
            opened.forEach(Tun::close);
            throw e;
        }
    }

    /** Nobody else's packets are to be taken: an interface that is there already must be one made to stay. */
    private static Tun first(String name) throws LinuxException {
        try {
            return queue(name, (short) (FLAGS | TunDriver.IFF_TUN_EXCL));
        } catch (LinuxException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
            Tun existing = queue(name, FLAGS);
            if ((TunDriver.flags(existing.fd) & TunDriver.IFF_PERSIST) == 0) {
                existing.close();
                throw e;
            }
            return existing;
        }
    }

    private static Tun queue(String name, short flags) throws LinuxException {
        Fd fd = TunDriver.open();
        try {
            String given = TunDriver.attach(fd, name, flags);
            TunDriver.set(fd, TunDriver.TUNSETVNETHDRSZ, HEADER_SIZE, "TUNSETVNETHDRSZ");
            TunDriver.set(fd, TunDriver.TUNSETVNETLE, 1, "TUNSETVNETLE");
            // UDP segmentation is known since Linux 6.2, only both families at once
            boolean datagrams = TunDriver.setOffload(fd, OFFLOADS | USO4 | USO6);
            if (!datagrams && !TunDriver.setOffload(fd, OFFLOADS)) {
                throw new LinuxException("ioctl(TUNSETOFFLOAD)", Errno.EINVAL);
            }
            return new Tun(fd, given, datagrams);
        } catch (LinuxException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** The interface's name when it was opened; who renames it does not tell. */
    public String name() {
        return name;
    }

    /** Readable when a packet waits. */
    public Fd fd() {
        return fd;
    }

    /** Whether UDP super-frames (VIRTIO_NET_HDR_GSO_UDP_L4) may be written, and are read; TCP's always. */
    public boolean segmentsDatagrams() {
        return segmentsDatagrams;
    }

    @Override
    public void close() {
        fd.close();
    }
}
