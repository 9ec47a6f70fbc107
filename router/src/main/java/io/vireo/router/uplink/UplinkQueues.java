package io.vireo.router.uplink;

import io.vireo.linux.LinuxException;
import io.vireo.linux.Tun;
import java.util.ArrayList;
import java.util.List;

/** Makes the queues of a TUN device ready for the reactors. */
public final class UplinkQueues {
    private UplinkQueues() {}

    /**
     * One queue for each of the device's.
     *
     * @param tuns owned by the queues from now on, or closed if this fails
     * @throws LinuxException if there is no memory for packets
     */
    public static List<UplinkQueue> of(List<Tun> tuns) throws LinuxException {
        List<UplinkQueue> queues = new ArrayList<>();
        try {
            for (Tun tun : tuns) {
                queues.add(new PlainQueue(tun.fd(), tun.segmentsDatagrams()));
            }
            return queues;
        } catch (LinuxException | RuntimeException e) {
            queues.forEach(UplinkQueue::close);
            tuns.forEach(Tun::close);
            throw e;
        }
    }
}
