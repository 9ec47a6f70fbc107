package io.vireo.vsock.endpoint;

import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An endpoint over a port that keeps what is sent, on a loop of its own: all that touches it goes through {@link #on}. */
public final class Side implements AutoCloseable, PacketPort {
    private static final int MANY = 1000;
    private static final int TIMEOUT_SECONDS = 30;

    public final Loop loop;
    final Endpoint endpoint;
    public final List<Connection> requests = new ArrayList<>();
    private final List<Packet> sent = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    /** Payload bytes of each buffer, and how many buffers there are. */
    int room = 65_536;

    int buffers = Integer.MAX_VALUE;

    /** Of the last packet sent, as it is on the wire. */
    String lastHeader = "";

    private volatile boolean wanted;

    public static Side device() throws Exception {
        return new Side(true);
    }

    static Side guest() throws Exception {
        return new Side(false);
    }

    private Side(boolean device) throws Exception {
        loop = new Loop(device ? "device" : "guest", new Loop.Failures() {
            @Override
            public void memoryLost(InternalError error) {
                failures.add(error);
            }

            @Override
            public void taskFailed(Throwable error) {
                failures.add(error);
            }
        });
        endpoint = new Endpoint(loop, Packet.GUEST, device, requests::add, this);
        loop.start();
        on(() -> endpoint.attach(true));
    }

    @Override
    public int sendRoom() {
        return buffers > 0 ? room : NONE;
    }

    @Override
    public void send(long header, @Nullable Pipe payload, int length) {
        byte[] bytes = new byte[length];
        if (payload != null) {
            payload.copyTo(0, bytes, 0, length);
        }
        buffers--;
        lastHeader = Packet.hex(header);
        sent.add(Packet.read(header, bytes));
    }

    @Override
    public void wantToSend() {
        wanted = true;
    }

    /** Does something on the loop. */
    void on(Runnable what) {
        loop.call(() -> {
            what.run();
            return true;
        });
        if (!failures.isEmpty()) {
            throw new AssertionError("on the loop", failures.getFirst());
        }
    }

    public void receive(Packet... packets) {
        on(() -> {
            for (Packet packet : packets) {
                packet.deliver(endpoint, 1000);
            }
        });
    }

    /** Returns when all tasks that were ready have had their turn. */
    private void settle() {
        CountDownLatch behind = new CountDownLatch(1);
        new Task(loop) {
            @Override
            protected void run() {
                behind.countDown();
            }
        }.ready();
        try {
            if (!behind.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the loop hangs");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lets everything be done that can be, and gives what was sent since. */
    List<Packet> sent() {
        List<Packet> all = new ArrayList<>();
        do {
            wanted = false;
            settle();
            on(() -> {
                endpoint.pump(MANY);
                all.addAll(sent);
                sent.clear();
            });
            settle();
        } while (wanted);
        return all;
    }

    /** The operations of {@link #sent}. */
    public List<Integer> sentOps() {
        return sent().stream().map(Packet::op).toList();
    }

    /** A connection that the peer has asked for, accepted with these pipes; its RESPONSE is sent. */
    Connection accepted(Pipe from, Pipe to, Packet request) {
        receive(request);
        Connection connection = requests.removeLast();
        on(() -> connection.accept(from, to));
        if (!sentOps().equals(List.of(VsockHeader.RESPONSE))) {
            throw new AssertionError("no RESPONSE");
        }
        return connection;
    }

    long count(VsockCounter counter) {
        return loop.call(() -> endpoint.counters().getOrDefault(counter, 0L));
    }

    int connections() {
        return loop.call(endpoint::connections);
    }

    @Override
    public void close() {
        loop.close();
        endpoint.close();
    }
}
