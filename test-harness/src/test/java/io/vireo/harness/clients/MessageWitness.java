package io.vireo.harness.clients;

import io.vireo.harness.device.TapPump;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Keeps the DHCPv4 messages that a guest exchanges, in order, for a test that waits for them. For any thread. */
final class DhcpWitness implements TapPump.Witness {
    private final List<DhcpSighting> seen = new ArrayList<>();
    private int awaited;

    @Override
    public synchronized void saw(TapPump.Direction direction, byte[] packet) {
        Optional<DhcpSighting> message = DhcpSighting.of(packet);
        if (message.isPresent()) {
            seen.add(message.get());
            notifyAll();
        }
    }

    /**
     * Waits for the next message of a kind after the one that was last waited for.
     *
     * @param kind as {@link DhcpSighting#kind}
     * @throws AssertionError with all that was seen, if none comes in time
     */
    synchronized DhcpSighting await(String kind, Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            while (awaited < seen.size()) {
                DhcpSighting message = seen.get(awaited++);
                if (message.kind().equals(kind)) {
                    return message;
                }
            }
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw new AssertionError("no " + kind + " within " + timeout + ", but:\n" + this);
            }
            wait(leftMs);
        }
    }

    @Override
    public synchronized String toString() {
        return seen.stream().map(DhcpSighting::toString).collect(Collectors.joining("\n"));
    }
}
