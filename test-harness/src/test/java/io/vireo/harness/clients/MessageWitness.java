package io.vireo.harness.clients;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Keeps the messages of one protocol that a guest exchanges, in order, for a test that waits for them. For any thread.
 *
 * @param <M> what is kept of a message
 */
final class MessageWitness<M> {
    private final Function<byte[], Optional<M>> parser;
    private final Function<M, String> kindOf;
    private final List<M> seen = new ArrayList<>();
    private int awaited;

    /** @param parser reads a frame with its virtio-net header; empty if it is of another protocol */
    MessageWitness(Function<byte[], Optional<M>> parser, Function<M, String> kindOf) {
        this.parser = parser;
        this.kindOf = kindOf;
    }

    /** Takes note of a frame. @return what it holds, if it is of the protocol */
    synchronized Optional<M> saw(byte[] packet) {
        Optional<M> message = parser.apply(packet);
        if (message.isPresent()) {
            seen.add(message.get());
            notifyAll();
        }
        return message;
    }

    /**
     * Waits for the next message of a kind after the one that was last waited for.
     *
     * @throws AssertionError with all that was seen, if none comes in time
     */
    synchronized M await(String kind, Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            while (awaited < seen.size()) {
                M message = seen.get(awaited++);
                if (kindOf.apply(message).equals(kind)) {
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
        return seen.stream().map(String::valueOf).collect(Collectors.joining("\n"));
    }
}
