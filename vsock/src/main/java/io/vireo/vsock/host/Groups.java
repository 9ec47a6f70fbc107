package io.vireo.vsock.host;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.ConnectListener;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections from guest to guest, within a group. Both guests' threads have an end of the same two pipes, so what one of them
 * does not take, the other may not send.
 *
 * <p>Of the connections that a guest can have, the others of its group may ask for {@value #FOR_THE_GROUP}, in equal shares: so
 * none of them can keep another one away, nor all together the host, or what the guest itself asks for.
 */
final class Groups {
    /** As long as a Linux guest waits (VSOCK_DEFAULT_CONNECT_TIMEOUT). */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** Connections that one guest may wait for at a time: what it gives up again is still to be asked, and refused, by the other. */
    static final int MOST_ASKED = 128;

    static final int FOR_THE_GROUP = Endpoint.MAX_CONNECTIONS * 3 / 4;

    /** However many there are. */
    private static final int LEAST_SHARE = 8;

    /** @param asked connections that it waits for */
    private record Member(VsockDevice device, Optional<String> group, AtomicInteger asked) {}

    private final Map<Integer, Member> members = new ConcurrentHashMap<>();
    private final Map<String, Integer> sizes = new ConcurrentHashMap<>();

    void add(VsockGuest guest, VsockDevice device) {
        members.put(guest.cid(), new Member(device, guest.group(), new AtomicInteger()));
        guest.group().ifPresent(group -> sizes.merge(group, 1, Integer::sum));
    }

    /** How many connections with each guest of a group each of the others may ask for. */
    private int share(String group) {
        int others = Math.max(sizes.getOrDefault(group, 0) - 1, 1);
        return Math.max(FOR_THE_GROUP / others, LEAST_SHARE);
    }

    /** Connects a guest to another one of its group, or refuses. On the first one's thread. */
    void connect(VsockDevice source, Connection incoming) {
        Member from = members.get(source.cid());
        Member to = members.get(incoming.local().cid());
        if (from == null || to == null || !shareGroup(from, to)) {
            incoming.refuse();
            return;
        }
        if (from.asked().incrementAndGet() > MOST_ASKED) {
            from.asked().decrementAndGet();
            incoming.refuse();
            return;
        }
        Pipe there = incoming.newPipe();
        Pipe back = incoming.newPipe();
        int share = share(to.group().orElseThrow());
        try {
            to.device().loop().execute(() -> ask(to.device(), from, share, incoming, there, back));
        } catch (RejectedExecutionException e) { // it is being closed
            from.asked().decrementAndGet();
            incoming.refuse();
        }
    }

    private static boolean shareGroup(Member from, Member to) {
        return from.group().isPresent() && from.group().equals(to.group()) && !from.equals(to);
    }

    /** On the second one's thread. */
    private static void ask(VsockDevice target, Member source, int share, Connection incoming, Pipe there, Pipe back) {
        VsockAddress caller = incoming.remote();
        VsockAddress called = incoming.local();
        VsockType type = incoming.type();
        Endpoint endpoint = target.endpoint();
        ConnectListener outcome = new ConnectListener() {
            @Override
            public void established(Connection connection) {
                source.asked().decrementAndGet();
                onThreadOf(source.device(), () -> incoming.accept(there, back), there, back);
            }

            @Override
            public void refused(VsockError reason) {
                source.asked().decrementAndGet();
                onThreadOf(source.device(), incoming::refuse, there, back);
            }
        };
        if (endpoint.askedBy(caller.cid()) >= share) {
            endpoint.note(VsockCounter.REFUSED_SHARE);
            outcome.refused(VsockError.EADDRNOTAVAIL);
        } else {
            endpoint.connect(caller, called, type, back, there, TIMEOUT, outcome);
        }
    }

    private static void onThreadOf(VsockDevice source, Runnable what, Pipe there, Pipe back) {
        try {
            source.loop().execute(what);
        } catch (RejectedExecutionException e) { // it is being closed
            there.reset();
            back.reset();
        }
    }
}
