package io.vireo.harness;

import io.vireo.harness.guests.Host;
import io.vireo.linux.NetworkNamespace;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Network namespaces for threads of this process: what they start and open is there, too, and all of it ends with it. */
public final class OwnNamespace {
    /** What runs there. */
    public interface Body {
        void run() throws Exception;
    }

    private OwnNamespace() {}

    /** Runs something on a new thread in a new network namespace, and waits for its end. Takes root. */
    public static void run(Body body) throws Exception {
        FutureTask<Void> task = new FutureTask<>(() -> {
            NetworkNamespace.enterNew();
            body.run();
            return null;
        });
        Thread thread = Thread.ofPlatform().name("namespace").start(task);
        try {
            task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        } finally {
            thread.interrupt();
            thread.join();
        }
    }

    /** What the {@code ip} command writes, in the namespace of the calling thread; it must succeed. */
    public static String ip(String arguments) throws Exception {
        String program = Host.program("ip", "iproute2").toString();
        Host.Output output = Host.run(List.of("sh", "-c", program + " " + arguments));
        if (output.status() != 0) {
            throw new AssertionError("ip " + arguments + ": " + output.text());
        }
        return output.text();
    }

    /** What is to become true. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Asks again and again, for twenty seconds. */
    public static void eventually(Condition condition, String what) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError(what + " has not become true");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
