package io.vireo.benchmarks.soak;

import io.vireo.benchmarks.live.LiveVireo;
import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A guest of the harness that asks the gateway for echoes, 200 a second, and counts. Confined to one thread. */
final class EchoLoad implements AutoCloseable {
    private static final Mac GATEWAY_MAC = Packets.mac("02:00:00:00:00:01");
    private static final int BUFFERS = 128;
    private static final int BUFFER_SIZE = 2048;
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LAST_MS = 2000;

    private final VhostUserFrontendDevice device;
    private final int number;
    private long sent;
    private long received;

    EchoLoad(LiveVireo vireo, int number) throws IOException {
        this.number = number;
        device = VhostUserFrontendDevice.connect(vireo.socket(number));
        device.setup();
        for (int i = 0; i < BUFFERS; i++) {
            device.provideRxBuffer(BUFFER_SIZE);
        }
    }

    /** Until a time of {@link System#nanoTime}, and a little longer for the last answers. */
    void run(long untilNs) throws IOException {
        Mac mac = Packets.mac(LiveVireo.mac(number));
        long nextNs = System.nanoTime();
        while (System.nanoTime() - untilNs < 0) {
            long waitNs = nextNs - System.nanoTime();
            if (waitNs <= 0) {
                device.sendPacket(Packets.createIcmpEchoRequest(
                        mac, GATEWAY_MAC, LiveVireo.address(number), Packets.ip("10.0.0.1"), (int) sent & 0xffff));
                sent++;
                nextNs += INTERVAL_NS;
            } else if (device.waitForRx(TimeUnit.NANOSECONDS.toMillis(waitNs))) {
                take();
            }
        }
        while (received < sent && device.waitForRx(LAST_MS)) {
            take();
        }
    }

    private void take() {
        if (device.recvPacket().flatMap(Packets::parseIcmpEchoReply).isPresent()) {
            received++;
        }
    }

    long sent() {
        return sent;
    }

    long lost() {
        return sent - received;
    }

    @Override
    public void close() {
        device.close();
    }
}
