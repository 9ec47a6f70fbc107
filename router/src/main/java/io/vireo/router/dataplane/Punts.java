package io.vireo.router.dataplane;

import org.jspecify.annotations.Nullable;

/** Hands frames to the address service, of each guest no more than its share. One for each reactor. */
final class Punts {
    private final FrameBatch batch;
    private final SlowPath slowPath;
    private final SoftwareOffload offload;

    Punts(FrameBatch batch, SlowPath slowPath, SoftwareOffload offload) {
        this.batch = batch;
        this.slowPath = slowPath;
        this.offload = offload;
    }

    /** @return null: no port gets the frame; what became of it is counted */
    @Nullable
    NetPort punt(NetPort source, int frame) {
        if (!source.mayPunt(SlowPath.SHARE)) {
            return source.drop(Counter.TX_DROP_PUNT_FULL);
        }
        if (batch.hasOffload(frame)) { // Linux leaves the checksum of its own DHCP client's unicast to the network card
            if (batch.request(frame).isSuperFrame()) {
                return source.drop(Counter.TX_DROP_OFFLOAD);
            }
            offload.complete(batch, frame, 1);
        }
        if (!slowPath.punt(source, batch, frame)) {
            return source.drop(Counter.TX_DROP_PUNT_FULL);
        }
        source.punted();
        source.count(Counter.PUNTED);
        return null;
    }
}
