package io.vireo.router.uplink;

import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Tun;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the queues of a TUN device ready for the reactors. */
public final class UplinkQueues {
    private static final Logger LOG = LoggerFactory.getLogger(UplinkQueues.class);

    /** How a queue is made; it owns the device if that does not fail. */
    @FunctionalInterface
    interface Maker {
        UplinkQueue make(Fd device, boolean takesUdpSuperFrames) throws LinuxException;
    }

    private UplinkQueues() {}

    /**
     * One queue for each of the device's: over io_uring, or if that is refused by plain system calls, which one line of the
     * log says.
     *
     * @param tuns owned by the queues from now on, or closed if this fails
     * @throws LinuxException if there is no memory for packets
     */
    public static List<UplinkQueue> of(List<Tun> tuns) throws LinuxException {
        boolean takesUdpSuperFrames = tuns.stream().allMatch(Tun::segmentsDatagrams);
        return of(tuns.stream().map(Tun::fd).toList(), takesUdpSuperFrames, UringQueue::new);
    }

    static List<UplinkQueue> of(List<Fd> devices, boolean takesUdpSuperFrames, Maker best) throws LinuxException {
        Maker maker = best;
        List<UplinkQueue> queues = new ArrayList<>();
        try {
            for (Fd device : devices) {
                try {
                    queues.add(maker.make(device, takesUdpSuperFrames));
                } catch (LinuxException e) {
                    LOG.info("uplink: io_uring is not used, each packet is a system call: {}", e.getMessage());
                    maker = PlainQueue::new;
                    queues.add(maker.make(device, takesUdpSuperFrames));
                }
            }
            return queues;
        } catch (LinuxException | RuntimeException e) {
            queues.forEach(UplinkQueue::close);
            devices.forEach(Fd::close);
            throw e;
        }
    }
}
